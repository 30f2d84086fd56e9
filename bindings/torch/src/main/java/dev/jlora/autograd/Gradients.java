package dev.jlora.autograd;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a tape's watched leaves. Owns them: they are freed when this object is closed,
 * on any thread. Each is contiguous and has memory of its own, so it may be scaled in place.
 */
public final class Gradients implements AutoCloseable {
  private final Map<Long, Tensor> byKey = new HashMap<>();
  private final Scope owner = Scope.detached();
  private boolean closed;

  Gradients() {}

  void put(long key, Tensor gradient) {
    byKey.put(key, owner.adopt(gradient));
  }

  /**
   * The gradient of a watched leaf, with the leaf's shape and dtype.
   *
   * @return owned by these gradients; null if the output did not depend on the leaf
   */
  public @Nullable Tensor of(Tensor leaf) {
    if (closed) {
      throw new IllegalStateException("these gradients are closed; read them before close()");
    }
    return byKey.get(leaf.key());
  }

  /** Number of leaves with a gradient. */
  public int size() {
    return byKey.size();
  }

  /** Frees the gradients. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      byKey.clear();
      owner.close();
    }
  }
}
