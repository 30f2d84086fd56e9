package dev.jlora.kernels;

import dev.jlora.ffi.TileProducts;
import java.lang.foreign.MemorySegment;

/** Panels of FLOAT32, summed where the output lies. */
final class FloatPanels extends LinearPanels {
  static final int WIDTH = 64;

  private final MemorySegment packed;
  private long column;
  private int width;

  FloatPanels(Operands operands) {
    super(operands);
    long floats = (long) WIDTH * step(operands.depth());
    packed = Scratch.reset(floats).floats(floats);
  }

  @Override
  void open(long first, long column, int width) {
    this.column = column;
    this.width = width;
  }

  /**
   * Rows of a weight that is not transposed are copied: where they lie, a power of two apart, they
   * would take each other's places in the caches.
   */
  @Override
  void pack(long k, int depth) {
    long stride = operands.weightStride();
    if (operands.transposed()) {
      long from = operands.weight() + (column * stride + k) * Float.BYTES;
      FloatTiles.transpose(width, depth, from, stride, packed.address(), width);
      return;
    }
    long bytes = (long) width * Float.BYTES;
    for (int row = 0; row < depth; row++) {
      long from = operands.weight() + ((k + row) * stride + column) * Float.BYTES;
      MemorySegment.copy(Everywhere.MEMORY, from, packed, row * bytes, bytes);
    }
  }

  @Override
  boolean start(long row, int rows) {
    return start(
        row,
        rows,
        0,
        column,
        width,
        operands.columns(),
        operands.add(),
        to(row),
        operands.columns());
  }

  @Override
  void multiply(long row, int rows, long k, int depth, boolean add) {
    long x = operands.x() + (row * operands.depth() + k) * Float.BYTES;
    TileProducts.floats(
        rows,
        width,
        depth,
        x,
        operands.depth(),
        packed.address(),
        width,
        add,
        to(row),
        operands.columns());
  }

  private long to(long row) {
    return operands.out() + (row * operands.columns() + column) * Float.BYTES;
  }

  @Override
  void finish(long row, int rows) {
    // the sums are where they belong
  }

  @Override
  void close() {
    // nothing is held
  }
}
