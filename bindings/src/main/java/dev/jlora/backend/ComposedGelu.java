package dev.jlora.backend;

import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;

/** libtorch's. */
final class ComposedGelu implements Gelu {
  @Override
  public Tensor forward(Tensor x, String approximate) {
    return Ops.gelu(x, approximate);
  }

  @Override
  public Tensor backward(Tensor g, Tensor x, String approximate) {
    return NeuralOps.geluBackward(g, x, approximate);
  }
}
