package dev.jlora.autograd;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A section of a computation of which only the input is kept (arXiv:1604.06174). Backward runs it
 * again, with the same random numbers, and this time records it.
 */
final class Checkpoint implements Node {
  /** What running a section again recorded, last first to be differentiated. */
  record Recorded(List<Node> nodes, long outputKey) {}

  private final UnaryOperator<Tensor> body;
  private final Tensor input;
  private final @Nullable RandomStream random;
  private final long offset;
  private final long outputKey;

  /**
   * @param random the stream that the body draws from, null if it draws nothing
   * @param offset where the stream stood before the first run
   * @param keeper holds the input
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

  /** Runs the body on the same input and the same random numbers; the stream stays where it is. */
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
