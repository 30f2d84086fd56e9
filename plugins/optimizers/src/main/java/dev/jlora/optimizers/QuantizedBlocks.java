package dev.jlora.optimizers;

import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * Numbers stored in 8 bits: blocks of {@link #BLOCK}, each scaled by its largest magnitude, so that
 * an outlier affects the precision of its own block only.
 *
 * @param codes UINT8 [blocks, BLOCK]
 * @param scales FLOAT32 [blocks, 1]
 * @param map the values of codes
 */
record QuantizedBlocks(Tensor codes, Tensor scales, DynamicMap map) {
  static final int BLOCK = 256;

  private static final double TINY = 1e-30;

  /** The numbers, FLOAT32 [blocks, BLOCK], owned by the current scope. */
  Tensor values() {
    Tensor ids = Views.view(Ops.to(codes, DType.INT32), -1);
    Tensor unscaled = Indexing.indexSelect(map.values(), 0, ids);
    return Ops.mul(Views.view(unscaled, codes.shape()), scales);
  }

  /**
   * Stores the nearest values of the code.
   *
   * @param values FLOAT32 [blocks, BLOCK]
   * @param keep BOOL, broadcast over blocks: true keeps a block unchanged
   */
  void store(Tensor values, Tensor keep) {
    Tensor absolute = Ops.maximum(values, Ops.neg(values)); // abs has no kernel without data
    Tensor largest = Reduce.amax(absolute, true, 1);
    Tensor scaled = Ops.div(values, Ops.clampMin(largest, TINY));
    Tensor nearest = Ops.to(Indexing.bucketize(scaled, map.borders()), DType.UINT8);
    codes.copyFrom(Ops.where(keep, codes, nearest));
    scales.copyFrom(Ops.where(keep, scales, largest));
  }
}
