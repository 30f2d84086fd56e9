package dev.jlora.kernels;

import dev.jlora.ffi.LibBlas;
import dev.jlora.kernels.LinearKernel.Start;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * Computes the adapter in one pass over the activations in each direction; the frozen product then
 * starts its tiles with the adapter's contribution. Operators would need nine passes over memory,
 * two of them with the mask; here a block of rows stays in a core's L2 cache until everything is
 * computed, and its mask is generated once in each direction. Products are FLOAT32 for all dtypes
 * of activations, as PEFT computes them for adapters of that dtype.
 */
final class LoraKernel implements LoraSide {
  private static final int LEAST_ROWS = 32;

  /** Maximum number of elements of a block: one megabyte of floats. */
  private static final int MOST_ELEMENTS = 1 << 18;

  /** Above this rank an adapter's products are large enough for separate passes. */
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
    this.a = AdapterPlanes.ofColumns(a, planes);
    this.b = AdapterPlanes.ofRows(b, (float) factor, planes);
  }

  /**
   * The kernel, or null if it does not support the input: products that {@link LinearKernel} does
   * not support, odd or huge sizes, a BLAS that is not exported.
   */
  static @Nullable LoraKernel of(
      Tensor x, Tensor a, Tensor b, @Nullable DropMask mask, double factor) {
    DType dtype = x.dtype();
    long in = a.size(1);
    long out = b.size(0);
    Planes planes = Planes.ofThread(dtype);
    if (planes == null
        || !LinearKernel.takes(dtype, x.device(), x.size(0), in, out)
        || !LibBlas.hasSgemm()) {
      return null;
    }
    long rows = mask == null ? LEAST_ROWS : rowsOfWholeTiles(in);
    boolean fits =
        a.size(0) <= MOST_RANK
            && in % planes.count() == 0
            && out % planes.count() == 0
            && rows * Math.max(in, out) <= MOST_ELEMENTS;
    return fits ? new LoraKernel(dtype, a, b, mask, factor, planes.count(), (int) rows) : null;
  }

  /**
   * The minimum number of rows, {@value #LEAST_ROWS} or more, whose elements fill tiles of the
   * mask.
   */
  private static long rowsOfWholeTiles(long in) {
    long step = Threefry.TILE / Math.min(Threefry.TILE, Long.lowestOneBit(in));
    return Math.ceilDiv(LEAST_ROWS, step) * step;
  }

  @Override
  public Tensor middle(long n) {
    return Tensor.empty(DType.FLOAT32, n, rank);
  }

  @Override
  public Tensor forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor middle) {
    long n = x.size(0);
    Tensor rows = Ops.contiguous(x);
    shareOut(n, (blocks, row, count, _) -> blocks.forward(row, count, rows, middle));
    Tensor y = Tensor.empty(dtype, n, out);
    multiply(y, rows, Views.t(weight), Start.of(bias, dtype).plus(middle, b), false);
    return y;
  }

  @Override
  public Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor middle,
      @Nullable Tensor sum) {
    long n = g.size(0);
    Tensor gradient = Ops.contiguous(g);
    Tensor rows = x == null ? null : Ops.contiguous(x);
    Tensor dx = weight == null || sum != null ? sum : Tensor.empty(dtype, n, in);
    // without a mask the adapter's part of dx is a thin product, which the frozen one starts with
    Tensor up = dx == null || mask != null ? null : middle(n);
    Tensor masked = mask == null ? null : dx;
    Tensor da = x == null ? null : sums(in);
    Tensor db = middle == null ? null : sums(out);
    shareOut(
        n,
        (blocks, row, count, share) ->
            blocks.backward(
                row, count, gradient, rows, middle, up, masked, sum != null, da, db, share));
    if (dx != null) {
      Start start = up == null ? Start.NOTHING : Start.NOTHING.plus(up, a);
      multiply(dx, gradient, weight, start, masked != null || sum != null);
    }
    return new Gradients(
        dx,
        da == null ? null : AdapterPlanes.columns(da),
        db == null ? null : AdapterPlanes.rows(db));
  }

  private static void multiply(Tensor to, Tensor x, Tensor right, Start start, boolean add) {
    try (var _ = Profiler.enter(Phase.GEMM)) {
      LinearKernel.run(to, x, right, start, add);
    }
  }

  LoraBlocks blocks() {
    return new LoraBlocks(Planes.ofThread(dtype), in, out, rank, mask, factor, blockRows, a, b);
  }

  /** One accumulator per thread, so that threads do not wait for each other. */
  private Tensor sums(int width) {
    return Tensor.zeros(DType.FLOAT32, Torch.threads(), planes, rank, width / planes);
  }

  /** Work on {@code count} rows from {@code row} of a chunk, in the share of one thread. */
  private interface Step {
    void run(LoraBlocks blocks, long row, int count, int share);
  }

  /** Distributes n rows in whole blocks, one contiguous run per thread. */
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
