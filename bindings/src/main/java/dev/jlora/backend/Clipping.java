package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/**
 * What clipping found out about all gradients together. The host does not look at it; it belongs to
 * the scope in which it was made.
 */
public interface Clipping {
  /** The 2-norm of the gradients without the loss's scale, before clipping; FLOAT32 []. */
  Tensor norm();

  /** 1 where that norm is not finite, and then an update is to change nothing; FLOAT32 [1]. */
  Tensor skip();

  /**
   * Makes the gradients what an update is to see, unscaled and clipped, in place. An update that
   * multiplies by the factor itself does without; a second call does nothing.
   */
  void apply();
}
