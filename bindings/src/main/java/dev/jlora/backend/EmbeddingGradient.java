package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/** The gradient of the rows that were looked up. */
public interface EmbeddingGradient {
  /**
   * [rows, n]: row i is the sum of g over the positions where i stands.
   *
   * @param g [..., n], the gradient of the looked-up rows
   * @param ids [...], INT64
   * @param paddingIdx the row that gets none, -1 for no such row
   */
  Tensor backward(Tensor g, Tensor ids, long rows, long paddingIdx);
}
