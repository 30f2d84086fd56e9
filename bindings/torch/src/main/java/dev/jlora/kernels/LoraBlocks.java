package dev.jlora.kernels;

import dev.jlora.ffi.LibBlas;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The work of {@link LoraKernel} on one thread, block of rows by block of rows: the data of a block
 * stays in that core's cache from the first product to the last.
 */
final class LoraBlocks {
  private final Planes planes;
  private final int in;
  private final int out;
  private final int rank;
  private final @Nullable DropMask mask;
  private final float factor;
  private final MemorySegment[] a;
  private final MemorySegment[] b;
  private final MemorySegment[] wide;
  private final MemorySegment[] product;
  private final MemorySegment thin;
  private final @Nullable Threefry random;

  /**
   * @param in columns of x in all planes together; likewise out
   * @param a [planes, r, in / planes] FLOAT32
   * @param b factor * B^T, [planes, r, out / planes] FLOAT32
   */
  LoraBlocks(
      Planes planes,
      int in,
      int out,
      int rank,
      @Nullable DropMask mask,
      float factor,
      int blockRows,
      Tensor a,
      Tensor b) {
    this.planes = planes;
    this.in = in / planes.count();
    this.out = out / planes.count();
    this.rank = rank;
    this.mask = mask;
    this.factor = factor;
    this.a = parts(HostMemory.of(a), planes.count());
    this.b = parts(HostMemory.of(b), planes.count());
    long widest = (long) blockRows * Math.max(this.in, this.out);
    Scratch scratch = Scratch.reset(2 * planes.count() * widest + (long) blockRows * rank);
    this.wide = scratch(scratch, widest);
    this.product = scratch(scratch, widest);
    this.thin = scratch.floats((long) blockRows * rank);
    this.random = mask == null ? null : Threefry.ofThread(mask.seed());
  }

  private MemorySegment[] scratch(Scratch scratch, long floats) {
    MemorySegment[] result = new MemorySegment[planes.count()];
    for (int p = 0; p < result.length; p++) {
      result[p] = scratch.floats(floats);
    }
    return result;
  }

  /** middle = (mask x) A^T. */
  void forward(long row, int rows, Tensor x, Tensor middle) {
    MemorySegment down = rowsOf(HostMemory.of(middle), row, rank, Float.BYTES);
    MemorySegment[] dropped = dropped(row, rows, HostMemory.of(x));
    for (int p = 0; p < planes.count(); p++) {
      LibBlas.sgemm(
          false, true, rows, rank, in, 1, dropped[p], in, a[p], in, p == 0 ? 0 : 1, down, rank);
    }
  }

  /**
   * The contribution of some rows to the gradients.
   *
   * @param x null if the gradient of A is not wanted
   * @param middle as written by {@link #forward}; null if the gradient of B is not wanted
   * @param up receives factor * g B, [N, r]; may be null
   * @param dx receives mask (factor g B A); null if not wanted or without a mask
   * @param add whether to add to dx instead
   * @param da accumulated gradients, one part per share; likewise db
   */
  void backward(
      long row,
      int rows,
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor middle,
      @Nullable Tensor up,
      @Nullable Tensor dx,
      boolean add,
      @Nullable Tensor da,
      @Nullable Tensor db,
      int share) {
    MemorySegment[] gradient = read(row, rows, HostMemory.of(g), out);
    if (db != null) {
      MemorySegment down = rowsOf(HostMemory.of(middle), row, rank, Float.BYTES);
      accumulate(part(db, share), factor, down, gradient, out, rows);
    }
    if (da == null && dx == null && up == null) {
      return;
    }
    MemorySegment low = up == null ? thin : rowsOf(HostMemory.of(up), row, rank, Float.BYTES);
    for (int p = 0; p < planes.count(); p++) {
      LibBlas.sgemm(
          false, true, rows, rank, out, 1, gradient[p], out, b[p], out, p == 0 ? 0 : 1, low, rank);
    }
    if (dx != null) {
      for (int p = 0; p < planes.count(); p++) {
        LibBlas.sgemm(false, false, rows, in, rank, 1, low, rank, a[p], in, 0, product[p], in);
      }
    }
    MemorySegment[] dropped = spread(row, rows, x, dx, add);
    if (da != null) {
      accumulate(part(da, share), 1, low, dropped, in, rows);
    }
  }

  /** Reads mask x, and writes or adds mask product to dx, each if wanted, with one mask. */
  private MemorySegment[] spread(
      long row, int rows, @Nullable Tensor x, @Nullable Tensor dx, boolean add) {
    boolean itself = mask == null && planes.inPlace();
    MemorySegment input = x == null ? null : HostMemory.of(x);
    MemorySegment to = dx == null ? null : HostMemory.of(dx);
    inTiles(
        row,
        rows,
        in,
        (start, at, count) -> {
          fill(start, count);
          if (input != null && !itself) {
            load(input, start, at, count);
          }
          if (to == null || random == null) {
            return;
          }
          if (add) {
            planes.addMasked(random, keep(), product, at, to, start, count);
          } else {
            planes.storeMasked(random, keep(), product, at, to, start, count);
          }
        });
    return input != null && itself
        ? new MemorySegment[] {rowsOf(input, row, in, planes.bytes())}
        : wide;
  }

  /** The planes of mask x: computed here, or x itself. */
  private MemorySegment[] dropped(long row, int rows, MemorySegment x) {
    if (mask == null) {
      return read(row, rows, x, in);
    }
    inTiles(
        row,
        rows,
        in,
        (start, at, count) -> {
          fill(start, count);
          load(x, start, at, count);
        });
    return wide;
  }

  private void load(MemorySegment from, long start, long at, int count) {
    if (random == null) {
      planes.load(from, start, count, wide, at);
    } else {
      planes.loadMasked(random, keep(), from, start, count, wide, at);
    }
  }

  /** Generates the mask of elements from {@code start}, if there is one. */
  private void fill(long start, int count) {
    if (random != null && mask != null) {
      random.fill((mask.offset() + start) / Threefry.TILE, Math.min(count, Threefry.BLOCKS));
    }
  }

  private int keep() {
    return mask == null ? 0 : mask.keep();
  }

  /** The planes of some rows, without a mask. */
  private MemorySegment[] read(long row, int rows, MemorySegment tensor, int width) {
    if (planes.inPlace()) {
      return new MemorySegment[] {rowsOf(tensor, row, width, planes.bytes())};
    }
    inTiles(row, rows, width, (start, at, count) -> planes.load(tensor, start, count, wide, at));
    return wide;
  }

  /** sum += factor * left^T right, for each plane of the right: [r, width] floats. */
  private void accumulate(
      MemorySegment[] sum,
      float factor,
      MemorySegment left,
      MemorySegment[] right,
      int width,
      int rows) {
    for (int p = 0; p < planes.count(); p++) {
      LibBlas.sgemm(
          true, false, rank, width, rows, factor, left, rank, right[p], width, 1, sum[p], width);
    }
  }

  private MemorySegment[] part(Tensor shares, int share) {
    MemorySegment all = HostMemory.of(shares);
    long each = all.byteSize() / shares.size(0);
    return parts(all.asSlice(share * each, each), planes.count());
  }

  private static MemorySegment[] parts(MemorySegment whole, int count) {
    long each = whole.byteSize() / count;
    MemorySegment[] result = new MemorySegment[count];
    for (int p = 0; p < count; p++) {
      result[p] = whole.asSlice(p * each, each);
    }
    return result;
  }

  /** The memory from a row on; {@code width} in floats of one plane. */
  private static MemorySegment rowsOf(MemorySegment whole, long row, int width, int bytes) {
    return whole.asSlice(row * width * bytes);
  }

  /** Processes {@code count} elements of a tensor from {@code start}, at {@code at} in a plane. */
  private interface Piece {
    void run(long start, long at, int count);
  }

  /** Splits rows, of {@code width} floats in each plane, into tiles of the mask. */
  private void inTiles(long row, int rows, int width, Piece work) {
    long columns = (long) width * planes.count();
    long elements = rows * columns;
    for (long done = 0; done < elements; done += Threefry.TILE) {
      int count = (int) Math.min(Threefry.TILE, elements - done);
      work.run(row * columns + done, done / planes.count(), count);
    }
  }
}
