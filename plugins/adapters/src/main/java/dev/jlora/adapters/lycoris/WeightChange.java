package dev.jlora.adapters.lycoris;

import dev.jlora.autograd.Tape;
import dev.jlora.tensor.Tensor;

/** The unscaled change of a weight, computed from trained parameters. */
@FunctionalInterface
interface WeightChange {

  /** The change, [out, in] or any shape with the same elements. */
  Tensor compute(Tape tape);
}
