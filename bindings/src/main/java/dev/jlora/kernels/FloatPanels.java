package dev.jlora.kernels;

import dev.jlora.ffi.TileProducts;

/** Panels of FLOAT32, summed where the output lies. */
final class FloatPanels extends LinearPanels {
  static final int WIDTH = 64;

  private final long packed;
  private long column;
  private int width;
  private long panel;
  private long panelStride;

  FloatPanels(Operands operands) {
    super(operands);
    long floats = operands.transposed() ? (long) WIDTH * step(operands.depth()) : 0;
    packed = Scratch.reset(floats).floats(floats).address();
  }

  @Override
  void open(long first, long column, int width) {
    this.column = column;
    this.width = width;
  }

  /** Rows of a weight that is not transposed are read where they are. */
  @Override
  void pack(long k, int depth) {
    long stride = operands.weightStride();
    if (operands.transposed()) {
      long from = operands.weight() + (column * stride + k) * Float.BYTES;
      FloatTiles.transpose(width, depth, from, stride, packed, width);
      panel = packed;
      panelStride = width;
    } else {
      panel = operands.weight() + (k * stride + column) * Float.BYTES;
      panelStride = stride;
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
        panel,
        panelStride,
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
