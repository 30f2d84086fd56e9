package dev.jlora.kernels;

import dev.jlora.ffi.TileProducts;
import dev.jlora.kernels.LinearKernel.Start;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The work of one thread on a {@link LinearKernel}'s product: a panel of columns for a group of
 * rows. The depth is split into pieces, each packed once.
 */
abstract sealed class LinearPanels permits FloatPanels, Bfloat16Panels {
  static final int TILE_ROWS = 64;

  /** A piece of a panel and of a tile's rows must fit into the L2 cache together. */
  private static final int MOST_DEPTH = 1024;

  /** The same for several panels at once. */
  private static final int MOST_DEPTH_ABREAST = 256;

  private static final MemorySegment ONES = ones();

  final Operands operands;
  private final int step;

  LinearPanels(Operands operands, int abreast) {
    this.operands = operands;
    this.step = step(operands.depth(), abreast);
  }

  /**
   * @param abreast number of panels that the thread processes at once
   */
  static LinearPanels of(DType dtype, Operands operands, int groupRows, int abreast) {
    return dtype == DType.FLOAT32
        ? new FloatPanels(operands, abreast)
        : new Bfloat16Panels(operands, groupRows);
  }

  /** Columns of a panel. */
  static int width(DType dtype) {
    return dtype == DType.FLOAT32 ? FloatPanels.WIDTH : Bfloat16Panels.WIDTH;
  }

  /** Depth of a piece: equal for all pieces, an even number. */
  static int step(long depth, int abreast) {
    long pieces = Math.ceilDiv(depth, abreast == 1 ? MOST_DEPTH : MOST_DEPTH_ABREAST);
    return (int) (Math.ceilDiv(Math.ceilDiv(depth, pieces), 2L) * 2);
  }

  private static MemorySegment ones() {
    MemorySegment ones = Arena.global().allocate(TILE_ROWS * (long) Float.BYTES, 64);
    for (int i = 0; i < TILE_ROWS; i++) {
      ones.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
    }
    return ones;
  }

  /** Addresses and sizes; strides count elements. */
  record Operands(
      long out,
      long x,
      long weight,
      long depth,
      long columns,
      boolean transposed,
      long weightStride,
      long bias,
      long left,
      long right,
      int rank,
      boolean add) {
    static Operands of(Tensor out, Tensor x, Tensor weight, Start start, boolean add) {
      long[] strides = weight.strides();
      boolean transposed = strides[1] != 1;
      return new Operands(
          out.address(),
          x.address(),
          weight.address(),
          weight.size(0),
          weight.size(1),
          transposed,
          transposed ? strides[1] : strides[0],
          address(start.bias()),
          address(start.left()),
          address(start.right()),
          start.left() == null ? 0 : (int) start.left().size(1),
          add);
    }

    private static long address(@Nullable Tensor tensor) {
      return tensor == null ? 0 : tensor.address();
    }
  }

  /** Rows {@code first} to {@code end}, exclusive, of {@code width} columns of the product. */
  final void panel(long first, long end, long column, int width) {
    open(first, column, width);
    for (long k = 0; k < operands.depth(); k += step) {
      int depth = (int) Math.min(step, operands.depth() - k);
      pack(k, depth);
      for (long row = first; row < end; row += height(end - row)) {
        int rows = height(end - row);
        multiply(row, rows, k, depth, k > 0 || start(row, rows));
        if (k + depth == operands.depth()) {
          finish(row, rows);
        }
      }
    }
  }

  /** Few different heights, because oneDNN generates code for each. */
  private static int height(long left) {
    return left >= TILE_ROWS ? TILE_ROWS : (int) Long.highestOneBit(left);
  }

  /** Starts a panel of rows from {@code first}. */
  abstract void open(long first, long column, int width);

  /** Packs rows {@code k} to {@code k + depth} of the panel in the order of the products. */
  abstract void pack(long k, int depth);

  /** Writes the initial value of a tile; returns whether there was one. */
  abstract boolean start(long row, int rows);

  /** Adds to a tile, or starts it. */
  abstract void multiply(long row, int rows, long k, int depth, boolean add);

  /** Finishes a tile. */
  abstract void finish(long row, int rows);

  /** Ends the work of the thread. */
  abstract void close();

  /**
   * Writes the bias and the thin product to one plane of a tile.
   *
   * @param column of the plane; likewise width, and {@code columns} of the whole plane
   * @param add whether the tile has values already
   * @return whether it has values now
   */
  final boolean start(
      long row,
      int rows,
      int plane,
      long column,
      int width,
      long columns,
      boolean add,
      long to,
      long stride) {
    boolean begun = add;
    if (operands.bias() != 0) {
      long bias = operands.bias() + (plane * columns + column) * Float.BYTES;
      TileProducts.floats(rows, width, 1, ONES.address(), 1, bias, columns, begun, to, stride);
      begun = true;
    }
    if (operands.left() != 0) {
      int rank = operands.rank();
      long left = operands.left() + row * rank * Float.BYTES;
      long right = operands.right() + (plane * rank * columns + column) * Float.BYTES;
      TileProducts.floats(rows, width, rank, left, rank, right, columns, begun, to, stride);
      begun = true;
    }
    return begun;
  }
}
