package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/** GELU and its gradient, in new memory with x's shape and dtype. */
public interface Gelu {
  /**
   * gelu(x).
   *
   * @param approximate "none" (exact) or "tanh"
   */
  Tensor forward(Tensor x, String approximate);

  /** g * gelu'(x). */
  Tensor backward(Tensor g, Tensor x, String approximate);
}
