package dev.jlora.autograd;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A section of a computation of which only the input is kept (arXiv:1604.06174). Backward runs it
 * again, with the same random numbers, and records it this time.
 */
final class Checkpoint implements Node {
  /** The record of a second run, last function first. */
  record Recorded(List<Node> nodes, long outputKey) {}

  private final UnaryOperator<Tensor> body;
  private final Tensor input;
  private final @Nullable RandomStream random;
  private final long offset;
  private final long outputKey;

  /**
   * @param random the stream that the body draws from, null if it draws nothing
   * @param offset position of the stream before the first run
   * @param keeper owns the input
   */
  Checkpoint(
      UnaryOperator<Tensor> body,
      Tensor input,
      @Nullable RandomStream random,
      long offset,
      long outputKey,
      Scope keeper) {
    this.body = body;
    this.input = keeper.adopt(input.share());
    this.random = random;
    this.offset = offset;
    this.outputKey = outputKey;
  }

  /**
   * Runs the body on the same input with the same random numbers; the stream's position is
   * unchanged.
   */
  Tensor run() {
    if (random == null) {
      return body.apply(input);
    }
    long now = random.offset();
    random.seek(offset);
    try {
      return body.apply(input);
    } finally {
      random.seek(now);
    }
  }

  @Override
  public long outputKey() {
    return outputKey;
  }

  @Override
  public void release() {
    input.close();
  }
}
