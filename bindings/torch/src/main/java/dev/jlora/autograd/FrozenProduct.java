package dev.jlora.autograd;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A product of activations with a frozen weight, which no training step can avoid. {@link
 * Tape#recording(java.util.function.Consumer)} reports each one.
 *
 * @param rows number of rows of the activations, over all leading dimensions
 * @param weight [out, in], or [in, out] if {@code transposed}; the network's own tensor
 * @param bias [out], null if there is no frozen bias
 * @param backward whether a gradient is propagated through the weight, which is a product of the
 *     same size
 */
public record FrozenProduct(
    long rows, Tensor weight, @Nullable Tensor bias, boolean transposed, boolean backward) {
  /** Number of columns of the activations. */
  public long in() {
    return weight.size(transposed ? 0 : 1);
  }

  /** Number of columns of the output. */
  public long out() {
    return weight.size(transposed ? 1 : 0);
  }

  /**
   * The product in a function whose inputs begin with x, weight, bias; null if the weight is
   * trained.
   */
  static @Nullable FrozenProduct of(
      Function.Context context, boolean transposed, @Nullable Tensor... inputs) {
    if (context.needs(1)) {
      return null;
    }
    Tensor x = inputs[0];
    Tensor bias = context.needs(2) ? null : inputs[2];
    return new FrozenProduct(
        x.elements() / x.size(-1), inputs[1], bias, transposed, context.needs(0));
  }
}
