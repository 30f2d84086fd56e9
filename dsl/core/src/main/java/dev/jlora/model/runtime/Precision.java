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
}
