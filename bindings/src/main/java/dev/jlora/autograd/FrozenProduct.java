package dev.jlora.autograd;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A product of activations with a weight that is not trained: what a step cannot do without. {@link
 * Tape#recording(java.util.function.Consumer)} tells of each as it happens.
 *
 * @param rows of the activations, over all leading dimensions
 * @param weight [out, in], or [in, out] where {@code transposed}; the network's own tensor
 * @param bias [out], null where there is none that is frozen
 * @param backward whether the gradient is carried back through the weight, a product as large
 */
public record FrozenProduct(
    long rows, Tensor weight, @Nullable Tensor bias, boolean transposed, boolean backward) {
  /** Columns of the activations. */
  public long in() {
    return weight.size(transposed ? 0 : 1);
  }

  /** Columns of the output. */
  public long out() {
    return weight.size(transposed ? 1 : 0);
  }

  /** The product in a function whose inputs begin with x, weight, bias; null for a trained one. */
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
