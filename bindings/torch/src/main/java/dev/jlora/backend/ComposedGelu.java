package dev.jlora.backend;

import dev.jlora.kernels.GeluKernel;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;

/** libtorch's GELU, or jlora's CPU kernel if it supports the input. */
final class ComposedGelu implements Gelu {
  @Override
  public Tensor forward(Tensor x, String approximate) {
    boolean tanh = approximate.equals("tanh");
    return GeluKernel.takes(x, tanh) ? GeluKernel.forward(x, tanh) : Ops.gelu(x, approximate);
  }

  @Override
  public Tensor backward(Tensor g, Tensor x, String approximate) {
    boolean tanh = approximate.equals("tanh");
    return GeluKernel.takes(g, x, tanh)
        ? GeluKernel.backward(g, x, tanh)
        : NeuralOps.geluBackward(g, x, approximate);
  }
}
