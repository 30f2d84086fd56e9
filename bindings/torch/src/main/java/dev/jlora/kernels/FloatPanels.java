package dev.jlora.kernels;

import dev.jlora.ffi.TileProducts;
import java.lang.foreign.MemorySegment;

/** Panels of FLOAT32, one or several at once, accumulated in the output. */
final class FloatPanels extends LinearPanels {
  static final int WIDTH = 64;

  private final MemorySegment packed;
  private long column;
  private int width;

  FloatPanels(Operands operands, int abreast) {
    super(operands, abreast);
    long floats = (long) WIDTH * abreast * step(operands.depth(), abreast);
    packed = Scratch.reset(floats).floats(floats);
  }

  @Override
  void open(long first, long column, int width) {
    this.column = column;
    this.width = width;
  }

  /**
   * Rows of a weight that is not transposed are copied: in their original places, a power of two
   * apart, they would evict each other from the caches.
   */
  @Override
  void pack(long k, int depth) {
    for (int panel = 0; panel < width; panel += WIDTH) {
      pack(k, depth, column + panel, Math.min(WIDTH, width - panel), panel * (long) depth);
    }
  }

  private void pack(long k, int depth, long from, int columns, long at) {
    long stride = operands.weightStride();
    if (operands.transposed()) {
      long source = operands.weight() + (from * stride + k) * Float.BYTES;
      long to = packed.address() + at * Float.BYTES;
      FloatTiles.transpose(columns, depth, source, stride, to, columns);
      return;
    }
    long bytes = (long) columns * Float.BYTES;
    for (int row = 0; row < depth; row++) {
      long source = operands.weight() + ((k + row) * stride + from) * Float.BYTES;
      MemorySegment.copy(HostMemory.MEMORY, source, packed, at * Float.BYTES + row * bytes, bytes);
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
    for (int panel = 0; panel < width; panel += WIDTH) {
      int columns = Math.min(WIDTH, width - panel);
      TileProducts.floats(
          rows,
          columns,
          depth,
          x,
          operands.depth(),
          packed.address() + panel * (long) depth * Float.BYTES,
          columns,
          add,
          to(row) + panel * (long) Float.BYTES,
          operands.columns());
    }
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
