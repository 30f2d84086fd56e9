package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;

/** Converts between two precisions: float32 masters in a bfloat16 network. */
public final class Precision {
  private Precision() {}

  /** {@code tensor} itself if it has the dtype, else a differentiable cast of it. */
  public static Tensor cast(ForwardContext pass, Tensor tensor, DType dtype) {
    return tensor.dtype() == dtype ? tensor : Functions.cast(pass.tape(), tensor, dtype);
  }

  /**
   * x times {@code factors}, which are broadcast: multiplied in the wider precision of the two, in
   * the dtype of x. Factors near 1 would be lost in 16 bits.
   */
  public static Tensor times(ForwardContext pass, Tensor x, Tensor factors) {
    DType wide = x.dtype().bytes() < factors.dtype().bytes() ? factors.dtype() : x.dtype();
    Tensor product = Functions.mul(pass.tape(), cast(pass, x, wide), cast(pass, factors, wide));
    return cast(pass, product, x.dtype());
  }
}
