package dev.jlora.kernels;

import dev.jlora.ffi.LibBlas;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * In one pass over the activations each way. As operators it is nine passes over memory, two of
 * them with the mask; here a block of rows stays in a core's second-level cache while all is done
 * with it, and its mask is generated once each way. Products are FLOAT32 whatever the activations
 * are, as PEFT computes them for adapters of that dtype.
 */
final class LoraKernel implements LoraSide {
  private static final int LEAST_ROWS = 32;

  /** Few enough that the frozen product is still in the cache, enough for it to run at speed. */
  private static final int CHUNK_BYTES_A_COLUMN = 2048;

  /** Elements of a block: one megabyte of floats at most. */
  private static final int MOST_ELEMENTS = 1 << 18;

  /** From here on an adapter's products are large enough to be worth passes of their own. */
  private static final int MOST_RANK = 64;

  private final DType dtype;
  private final @Nullable DropMask mask;
  private final int in;
  private final int out;
  private final int rank;
  private final int planes;
  private final float factor;
  private final int blockRows;
  private final Tensor a;
  private final Tensor b;

  private LoraKernel(
      DType dtype,
      Tensor a,
      Tensor b,
      @Nullable DropMask mask,
      double factor,
      int planes,
      int blockRows) {
    this.dtype = dtype;
    this.mask = mask;
    this.in = (int) a.size(1);
    this.out = (int) b.size(0);
    this.rank = (int) a.size(0);
    this.planes = planes;
    this.factor = (float) factor;
    this.blockRows = blockRows;
    this.a = columnsInPlanes(a);
    this.b = rowsInPlanes(b);
  }

  /** Null where there is none: other devices and dtypes, odd or huge sizes, a hidden BLAS. */
  static @Nullable LoraKernel of(
      DType dtype, Device device, Tensor a, Tensor b, @Nullable DropMask mask, double factor) {
    Planes planes = Planes.ofThread(dtype);
    if (planes == null || device.kind() != Device.Kind.CPU || !LibBlas.hasSgemm()) {
      return null;
    }
    long in = a.size(1);
    long out = b.size(0);
    long rows = mask == null ? LEAST_ROWS : rowsOfWholeTiles(in);
    boolean fits =
        a.size(0) <= MOST_RANK
            && in % planes.count() == 0
            && out % planes.count() == 0
            && rows * Math.max(in, out) <= MOST_ELEMENTS;
    return fits ? new LoraKernel(dtype, a, b, mask, factor, planes.count(), (int) rows) : null;
  }

  /** The fewest rows, {@value #LEAST_ROWS} or more, whose elements fill tiles of the mask. */
  private static long rowsOfWholeTiles(long in) {
    long step = Threefry.TILE / Math.min(Threefry.TILE, Long.lowestOneBit(in));
    return Math.ceilDiv(LEAST_ROWS, step) * step;
  }

  /** A [r, in] to [planes, r, in / planes], FLOAT32. */
  private Tensor columnsInPlanes(Tensor matrix) {
    Tensor wide = Ops.contiguous(Ops.to(matrix, DType.FLOAT32));
    return Ops.contiguous(Views.permute(Views.view(wide, rank, in / planes, planes), 2, 0, 1));
  }

  /** B [out, r] to its transpose in planes, [planes, r, out / planes], FLOAT32. */
  private Tensor rowsInPlanes(Tensor matrix) {
    Tensor wide = Ops.contiguous(Ops.to(matrix, DType.FLOAT32));
    return Ops.contiguous(Views.permute(Views.view(wide, out / planes, planes, rank), 1, 2, 0));
  }

  @Override
  public long chunkRows() {
    return Math.ceilDiv(CHUNK_BYTES_A_COLUMN / dtype.bytes(), blockRows) * (long) blockRows;
  }

  @Override
  public Tensor middle(long n) {
    return Tensor.empty(DType.FLOAT32, n, rank);
  }

  @Override
  public void forward(long first, Tensor x, Tensor base, Tensor y, Tensor middle) {
    Tensor rows = Ops.contiguous(x);
    shareOut(
        x.size(0),
        (blocks, row, count, _) -> blocks.forward(first, row, count, rows, base, y, middle));
  }

  @Override
  public Backward backward(boolean ofA, boolean ofB) {
    return new Sums(ofA, ofB);
  }

  LoraBlocks blocks() {
    return new LoraBlocks(Planes.ofThread(dtype), in, out, rank, mask, factor, blockRows, a, b);
  }

  /** One sum of products for each thread, so that none waits for another. */
  private final class Sums implements Backward {
    private final @Nullable Tensor da;
    private final @Nullable Tensor db;

    Sums(boolean ofA, boolean ofB) {
      int threads = Torch.threads();
      da = ofA ? Tensor.zeros(DType.FLOAT32, threads, planes, rank, in / planes) : null;
      db = ofB ? Tensor.zeros(DType.FLOAT32, threads, planes, rank, out / planes) : null;
    }

    @Override
    public void chunk(
        long first,
        Tensor g,
        @Nullable Tensor x,
        @Nullable Tensor middle,
        @Nullable Tensor base,
        @Nullable Tensor dx) {
      Tensor gradient = Ops.contiguous(g);
      Tensor rows = x == null ? null : Ops.contiguous(x);
      shareOut(
          g.size(0),
          (blocks, row, count, share) ->
              blocks.backward(first, row, count, gradient, rows, middle, base, dx, da, db, share));
    }

    @Override
    public Gradients gradients() {
      return new Gradients(
          da == null ? null : Views.reshape(summed(da, 1, 2, 0), rank, in),
          db == null ? null : Views.reshape(summed(db, 2, 0, 1), out, rank));
    }

    private static Tensor summed(Tensor parts, int... dims) {
      return Ops.contiguous(Views.permute(Reduce.sum(parts, false, 0), dims));
    }
  }

  /** Work on {@code count} rows from {@code row} of a chunk, in the part of one thread. */
  private interface Step {
    void run(LoraBlocks blocks, long row, int count, int share);
  }

  /** Shares n rows out in whole blocks, one run of them a thread. */
  private void shareOut(long n, Step step) {
    int shares = (int) Math.min(Torch.threads(), Math.ceilDiv(n, (long) blockRows));
    long each = Math.ceilDiv(Math.ceilDiv(n, (long) blockRows), (long) shares) * blockRows;
    Parallel.forRange(
        0,
        shares,
        1,
        (begin, end) -> {
          LoraBlocks blocks = blocks();
          for (long share = begin; share < end; share++) {
            long last = Math.min(n, (share + 1) * each);
            for (long row = share * each; row < last; row += blockRows) {
              step.run(blocks, row, (int) Math.min(blockRows, last - row), (int) share);
            }
          }
        });
  }
}
