package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.jlora.ffi.TileProducts;
import java.lang.foreign.MemorySegment;

/**
 * Panels of BFLOAT16, accumulated in FLOAT32 in the thread's memory and rounded once. Columns at
 * even indices are one plane, those at odd indices another, each with its own products: rounding
 * then joins the two floats at one index into an int.
 *
 * <p>A plane of the weight has its rows in pairs, element by element, in the same way as x.
 */
final class Bfloat16Panels extends LinearPanels {
  static final int WIDTH = 128;

  private static final int SPAN = 1024;

  private final MemorySegment[] packed = new MemorySegment[2];
  private final MemorySegment[] sums = new MemorySegment[2];
  private final int[] first = new int[SPAN];
  private final int[] second = new int[SPAN];
  private final int[] lower = new int[SPAN];
  private final int[] upper = new int[SPAN];
  private long firstRow;
  private long column;
  private int half;

  Bfloat16Panels(Operands operands, int groupRows) {
    super(operands, 1);
    long pairs = (long) WIDTH / 2 * step(operands.depth(), 1) / 2;
    long tile = (long) WIDTH / 2 * groupRows;
    Scratch scratch = Scratch.reset(2 * (pairs + tile));
    for (int p = 0; p < 2; p++) {
      packed[p] = scratch.floats(pairs);
      sums[p] = scratch.floats(tile);
    }
  }

  @Override
  void open(long first, long column, int width) {
    firstRow = first;
    this.column = column;
    half = width / 2;
  }

  @Override
  void pack(long k, int depth) {
    long stride = operands.weightStride();
    if (operands.transposed()) {
      for (int p = 0; p < 2; p++) {
        long from = operands.weight() + ((column + p) * stride + k) * Short.BYTES;
        FloatTiles.transpose(half, depth / 2, from, stride, packed[p].address(), half);
      }
      return;
    }
    int atOnce = SPAN / half;
    for (int pair = 0; pair < depth / 2; pair += atOnce) {
      int count = Math.min(atOnce, depth / 2 - pair);
      for (int i = 0; i < count; i++) {
        long row = k + 2L * (pair + i);
        read(operands.weight() + (row * stride + column) * Short.BYTES, first, i * half);
        read(operands.weight() + ((row + 1) * stride + column) * Short.BYTES, second, i * half);
      }
      int length = count * half;
      Bfloat16Pairs.interleave(first, second, lower, upper, length);
      long at = (long) pair * half * Integer.BYTES;
      MemorySegment.copy(lower, 0, packed[0], JAVA_INT, at, length);
      MemorySegment.copy(upper, 0, packed[1], JAVA_INT, at, length);
    }
  }

  private void read(long address, int[] to, int at) {
    MemorySegment.copy(HostMemory.MEMORY, JAVA_INT_UNALIGNED, address, to, at, half);
  }

  @Override
  boolean start(long row, int rows) {
    if (operands.add()) {
      load(row, rows);
    }
    boolean begun = false;
    for (int p = 0; p < 2; p++) {
      begun =
          start(
              row,
              rows,
              p,
              column / 2,
              half,
              operands.columns() / 2,
              operands.add(),
              sum(p, row),
              half);
    }
    return begun;
  }

  @Override
  void multiply(long row, int rows, long k, int depth, boolean add) {
    long x = operands.x() + (row * operands.depth() + k) * Short.BYTES;
    for (int p = 0; p < 2; p++) {
      TileProducts.bfloat16s(
          rows,
          half,
          depth,
          x,
          operands.depth(),
          packed[p].address(),
          half,
          add,
          sum(p, row),
          half);
    }
  }

  private long sum(int plane, long row) {
    return sums[plane].address() + (row - firstRow) * half * Float.BYTES;
  }

  private long to(long row) {
    return operands.out() + (row * operands.columns() + column) * Short.BYTES;
  }

  /** Loads the rows of the output as the initial value of the sums. */
  private void load(long row, int rows) {
    int atOnce = SPAN / half;
    for (int done = 0; done < rows; done += atOnce) {
      int count = Math.min(atOnce, rows - done);
      for (int i = 0; i < count; i++) {
        read(to(row + done + i), first, i * half);
      }
      int length = count * half;
      Bfloat16Pairs.unpack(first, lower, upper, length);
      long at = (row + done - firstRow) * half * Float.BYTES;
      MemorySegment.copy(lower, 0, sums[0], JAVA_INT, at, length);
      MemorySegment.copy(upper, 0, sums[1], JAVA_INT, at, length);
    }
  }

  @Override
  void finish(long row, int rows) {
    int atOnce = SPAN / half;
    for (int done = 0; done < rows; done += atOnce) {
      int count = Math.min(atOnce, rows - done);
      int length = count * half;
      long at = (row + done - firstRow) * half * Float.BYTES;
      MemorySegment.copy(sums[0], JAVA_INT, at, first, 0, length);
      MemorySegment.copy(sums[1], JAVA_INT, at, second, 0, length);
      Bfloat16Pairs.pack(first, second, lower, length);
      for (int i = 0; i < count; i++) {
        MemorySegment.copy(
            lower, i * half, HostMemory.MEMORY, JAVA_INT_UNALIGNED, to(row + done + i), half);
      }
    }
  }

  @Override
  void close() {
    TileProducts.release();
  }
}
