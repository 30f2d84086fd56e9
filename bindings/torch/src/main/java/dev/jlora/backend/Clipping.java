package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/**
 * Result of clipping all gradients together. The host does not read it; it belongs to the scope in
 * which it was created.
 */
public interface Clipping {
  /**
   * The 2-norm of the unscaled gradients, before clipping: FLOAT32 [], or FLOAT64 [] on the CPU.
   */
  Tensor norm();

  /** 1 if that norm is not finite, in which case an update must change nothing; FLOAT32 [1]. */
  Tensor skip();

  /**
   * Unscales and clips the gradients in place. Unnecessary for an update that multiplies by the
   * factor itself; further calls have no effect.
   */
  void apply();
}
