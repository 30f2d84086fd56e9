package dev.jlora.autograd;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A function with one input, whose backward pass returns one gradient. */
interface OneInput extends Function {

  /**
   * The gradient of the input.
   *
   * @param g the gradient of the output
   */
  Tensor gradient(Context context, Tensor g);

  @Override
  default @Nullable Tensor[] backward(Context context, Tensor g) {
    return new Tensor[] {gradient(context, g)};
  }
}
