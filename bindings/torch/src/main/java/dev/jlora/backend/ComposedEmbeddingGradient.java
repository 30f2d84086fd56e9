package dev.jlora.backend;

import dev.jlora.ops.NeuralOps;
import dev.jlora.tensor.Tensor;

/** libtorch's embedding gradient. */
final class ComposedEmbeddingGradient implements EmbeddingGradient {
  @Override
  public Tensor backward(Tensor g, Tensor ids, long rows, long paddingIdx) {
    return NeuralOps.embeddingBackward(g, ids, rows, paddingIdx);
  }
}
