package dev.jlora.kernels;

import dev.jlora.kernels.AttentionTiling.Block;
import java.lang.foreign.MemorySegment;

/** The products of an attention in FLOAT32, directly on the inputs' memory. */
final class FloatProducts implements HeadProducts {
  private final Inputs inputs;
  private final int width;
  private final MemorySegment scores;
  private final MemorySegment dropped;
  private final MemorySegment gradient;
  private final long turnedRows;
  private final long turnedKeys;
  private final long turnedOut;

  FloatProducts(AttentionTiling tiling, Inputs inputs, boolean drops) {
    this.inputs = inputs;
    this.width = tiling.width();
    boolean backward = inputs.g() != null;
    long tile = tiling.tileElements();
    long rows = (long) width * AttentionTiling.even(tiling.blockRows());
    long keys = (long) width * tiling.keys();
    Scratch scratch = Scratch.reset((backward ? 3 : 1) * tile + 2 * rows + keys);
    scores = scratch.floats(tile);
    gradient = backward ? scratch.floats(tile) : scores;
    dropped = backward && drops ? scratch.floats(tile) : scores;
    turnedRows = scratch.floats(rows).address();
    turnedKeys = scratch.floats(keys).address();
    turnedOut = scratch.floats(rows).address();
  }

  @Override
  public MemorySegment scores() {
    return scores;
  }

  @Override
  public MemorySegment dropped() {
    return dropped;
  }

  @Override
  public MemorySegment gradient() {
    return gradient;
  }

  @Override
  public void multiplyKeys(Block block) {
    multiply(block, inputs.k(), inputs.q(), scores.address());
  }

  @Override
  public void multiplyGradient(Block block) {
    multiply(block, inputs.v(), inputs.g(), gradient.address());
  }

  /** to [keys, stride] = keys rows^T. */
  private void multiply(Block block, HeadView keys, HeadView rows, long to) {
    long stride = block.stride();
    FloatTiles.transpose(
        block.rows(), width, rows.at(block, block.first()), rows.row(), turnedRows, stride);
    FloatTiles.multiply(
        block.keys(),
        block.rows(),
        width,
        keys.at(block, 0),
        stride(keys),
        turnedRows,
        stride,
        false,
        to,
        stride);
  }

  @Override
  public void multiplyValues(Block block, HeadView out) {
    mix(block, inputs.v(), scores.address(), out);
  }

  /** out [rows, width] = weights^T keys. */
  private void mix(Block block, HeadView keys, long weights, HeadView out) {
    long stride = block.stride();
    FloatTiles.transpose(
        block.keys(), width, keys.at(block, 0), keys.row(), turnedKeys, block.keys());
    FloatTiles.multiply(
        width,
        block.rows(),
        block.keys(),
        turnedKeys,
        block.keys(),
        weights,
        stride,
        false,
        turnedOut,
        stride);
    FloatTiles.transpose(
        width, block.rows(), turnedOut, stride, out.at(block, block.first()), out.row());
  }

  @Override
  public void accumulate(Block block, boolean add, Gradients gradients) {
    if (gradients.v() != null) {
      add(block, dropped.address(), inputs.g(), add, gradients.v());
    }
    if (gradients.k() != null) {
      add(block, gradient.address(), inputs.q(), add, gradients.k());
    }
    if (gradients.q() != null) {
      mix(block, inputs.k(), gradient.address(), gradients.q());
    }
  }

  /** sum [keys, width] = or += weights rows. */
  private void add(Block block, long weights, HeadView rows, boolean add, HeadView sum) {
    FloatTiles.multiply(
        block.keys(),
        width,
        block.rows(),
        weights,
        block.stride(),
        rows.at(block, block.first()),
        stride(rows),
        add,
        sum.at(block, 0),
        stride(sum));
  }

  /** Normalizes the stride of a single row, which may be any number. */
  private long stride(HeadView view) {
    return Math.max(view.row(), width);
  }

  @Override
  public void finish(Block block, Gradients gradients) {
    // the sums are where they belong
  }

  @Override
  public void close() {
    // nothing is held
  }
}
