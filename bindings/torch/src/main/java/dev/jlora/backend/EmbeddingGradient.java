package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/** The gradient of an embedding lookup. */
public interface EmbeddingGradient {
  /**
   * [rows, n]: row i is the sum of g over the positions with id i.
   *
   * @param g [..., n], the gradient of the looked-up rows
   * @param ids [...], INT64
   * @param paddingIdx the row without a gradient, -1 for none
   */
  Tensor backward(Tensor g, Tensor ids, long rows, long paddingIdx);
}
