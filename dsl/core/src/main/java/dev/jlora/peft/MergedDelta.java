package dev.jlora.peft;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;

/** Merges a change of a whole weight. */
public final class MergedDelta {
  private MergedDelta() {}

  /**
   * The weight plus a change of it, added in float32 or wider, in the weight's shape and dtype.
   *
   * @param delta in the weight's shape, in any floating dtype
   * @return contiguous, in the current scope
   */
  public static Tensor of(Tensor weight, Tensor delta) {
    DType wide = weight.dtype().wide();
    Tensor sum = Ops.add(Ops.to(weight, wide), Ops.to(delta, wide));
    return Ops.contiguous(Ops.to(sum, weight.dtype()));
  }
}
