package dev.jlora.model.runtime;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Tensors that depend on the model but not on the batch, created on first use and cached, so that
 * later passes need no copy from the host. Passes of several threads share them.
 */
public final class Constants {
  private final Scope owner;
  private final Map<Object, Tensor> made = new HashMap<>();

  /**
   * @param owner of the tensors
   */
  public Constants(Scope owner) {
    this.owner = owner;
  }

  /** The tensor of a key; callers must not close it. */
  synchronized Tensor get(Object key, Supplier<Tensor> make) {
    Tensor known = made.get(key);
    if (known != null) {
      return known;
    }
    try (var _ = Scope.open()) {
      Tensor tensor = owner.adopt(make.get());
      made.put(key, tensor);
      return tensor;
    }
  }
}
