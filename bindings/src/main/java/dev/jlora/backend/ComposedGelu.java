package dev.jlora.backend;

import dev.jlora.kernels.GeluKernel;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;

/** libtorch's, and in FLOAT32 a kernel of our own. */
final class ComposedGelu implements Gelu {
  @Override
  public Tensor forward(Tensor x, String approximate) {
    return GeluKernel.takes(x)
        ? GeluKernel.forward(x, approximate.equals("tanh"))
        : Ops.gelu(x, approximate);
  }

  @Override
  public Tensor backward(Tensor g, Tensor x, String approximate) {
    return GeluKernel.takes(g, x)
        ? GeluKernel.backward(g, x, approximate.equals("tanh"))
        : NeuralOps.geluBackward(g, x, approximate);
  }
}
