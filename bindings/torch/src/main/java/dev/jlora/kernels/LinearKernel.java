package dev.jlora.kernels;

import dev.jlora.ffi.TileProducts;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * out = start + x W in FLOAT32 or BFLOAT16, accumulated in FLOAT32 and rounded once: panels of W's
 * columns, one after the other, with tiles of rows of x. A panel is packed into the order that
 * oneDNN's brgemm reads and stays in the L2 cache; the initial value of a tile is written while the
 * tile is in the L1 cache.
 */
public final class LinearKernel {
  /** Maximum number of rows per panel in FLOAT32, where sums are kept in the output. */
  private static final int MOST_ROWS = 2048;

  /** Maximum number of rows per panel in 16 bits, where the sums must fit into the L2 cache. */
  private static final int MOST_ROWS_16 = 512;

  /** For a depth from here on x exceeds every cache, and is read once for several panels. */
  private static final long DEEP = 8192;

  private static final int MOST_ABREAST = 8;

  /** Panels for each thread, so that no thread waits long for the last one. */
  private static final int PANELS_EACH = 2;

  /**
   * With fewer rows the product is bound by reading the weight, and packing only makes it slower.
   */
  private static final int LEAST_ROWS = 128;

  private static final int LEAST_WIDTH = 64;

  private LinearKernel() {}

  /**
   * The initial value of a product; each part may be absent.
   *
   * @param bias FLOAT32 [planes, n / planes]
   * @param left FLOAT32 [N, r], left factor of a thin product
   * @param right FLOAT32 [planes, r, n / planes], its right factor
   * @see Planes
   */
  record Start(@Nullable Tensor bias, @Nullable Tensor left, @Nullable Tensor right) {
    static final Start NOTHING = new Start(null, null, null);

    /** A bias [n], with the dtype of the product. */
    static Start of(@Nullable Tensor bias, DType dtype) {
      return bias == null ? NOTHING : new Start(inPlanes(bias, dtype), null, null);
    }

    Start plus(Tensor left, Tensor right) {
      return new Start(bias, left, right);
    }

    private static Tensor inPlanes(Tensor bias, DType dtype) {
      Planes planes = Planes.ofThread(dtype);
      int n = (int) bias.size(0);
      Tensor result = Tensor.empty(DType.FLOAT32, planes.count(), n / planes.count());
      MemorySegment all = HostMemory.of(result);
      MemorySegment[] parts = new MemorySegment[planes.count()];
      for (int p = 0; p < parts.length; p++) {
        parts[p] = all.asSlice(p * (all.byteSize() / parts.length));
      }
      planes.load(HostMemory.of(bias), 0, n, parts, 0);
      return result;
    }
  }

  /**
   * x W + bias: x [N, k], W [k, n] with any strides, bias [n] or null, to [N, n]. In FLOAT32 panels
   * are faster than oneDNN's own product; in 16 bits they are not.
   *
   * @return null if libtorch's product is as fast, or the only one available
   */
  public static @Nullable Tensor product(Tensor x, Tensor right, @Nullable Tensor bias) {
    boolean fits =
        x.dtype() == DType.FLOAT32
            && right.dtype() == DType.FLOAT32
            && (bias == null || bias.dtype() == DType.FLOAT32)
            && TileProducts.hasGeneratedFloats()
            && takes(x.dtype(), x.device(), x.size(0), right.size(0), right.size(1));
    if (!fits) {
      return null;
    }
    Tensor out = Tensor.empty(DType.FLOAT32, x.size(0), right.size(1));
    try (var _ = Scope.open()) {
      run(out, Ops.contiguous(x), right, Start.of(bias, DType.FLOAT32), false);
    }
    return out;
  }

  /**
   * sum += x W in place: x [N, k], W [k, n] with any strides, sum [N, n].
   *
   * @return whether it was added; if not, the caller computes the product and the sum
   */
  public static boolean add(Tensor sum, Tensor x, Tensor right) {
    if (x.dtype() != right.dtype()
        || x.dtype() != sum.dtype()
        || !sum.contiguous()
        || !takes(x.dtype(), x.device(), x.size(0), right.size(0), right.size(1))) {
      return false;
    }
    try (var _ = Scope.open()) {
      run(sum, Ops.contiguous(x), right, Start.NOTHING, true);
    }
    return true;
  }

  /** Whether {@link #run} supports [rows, k] by [k, n] and its gradient, and is worthwhile. */
  static boolean takes(DType dtype, Device device, long rows, long k, long n) {
    if (device.kind() != Device.Kind.CPU
        || rows < LEAST_ROWS
        || k < LEAST_WIDTH
        || n < LEAST_WIDTH) {
      return false;
    }
    return switch (dtype) {
      case FLOAT32 -> TileProducts.hasFloats();
      case BFLOAT16 -> TileProducts.hasFloats() && TileProducts.hasBfloat16s() && (k | n) % 2 == 0;
      default -> false;
    };
  }

  /** The weight itself, if panels of it can be read, or a copy. */
  private static Tensor readable(Tensor weight) {
    long[] strides = weight.strides();
    long wide = Math.max(strides[0], strides[1]);
    boolean fits =
        Math.min(strides[0], strides[1]) == 1 && (wide % 2 == 0 || weight.dtype() == DType.FLOAT32);
    return fits ? weight : Ops.contiguous(weight);
  }

  /**
   * Writes all of out.
   *
   * @param out [N, n], contiguous
   * @param x [N, k], contiguous
   * @param right [k, n]
   * @param add whether to add to the existing values of out
   */
  static void run(Tensor out, Tensor x, Tensor right, Start start, boolean add) {
    long rows = x.size(0);
    long columns = right.size(1);
    int abreast = abreast(x.dtype(), x.size(1), columns);
    int width = abreast * LinearPanels.width(x.dtype());
    long panels = Math.ceilDiv(columns, width);
    long groupRows = groupRows(x.dtype(), rows, panels * abreast);
    long groups = Math.ceilDiv(rows, groupRows);
    long tasks = groups * panels;
    LinearPanels.Operands operands = LinearPanels.Operands.of(out, x, readable(right), start, add);
    Parallel.handOut(
        tasks,
        next -> {
          LinearPanels worker = LinearPanels.of(x.dtype(), operands, (int) groupRows, abreast);
          for (long task = next.getAsLong(); task >= 0; task = next.getAsLong()) {
            long first = task / panels * groupRows;
            long column = task % panels * width;
            worker.panel(
                first,
                Math.min(rows, first + groupRows),
                column,
                (int) Math.min(width, columns - column));
          }
          worker.close();
        });
  }

  /**
   * Number of panels of a deep product that a thread processes at once, limited so that every
   * thread has work.
   */
  private static int abreast(DType dtype, long depth, long columns) {
    if (dtype != DType.FLOAT32 || depth < DEEP) {
      return 1;
    }
    long panels = Math.ceilDiv(columns, (long) LinearPanels.width(dtype));
    return (int) Math.clamp(panels / Torch.threads(), 1, MOST_ABREAST);
  }

  /** Number of rows per panel, in whole tiles, limited so that every thread has work. */
  private static long groupRows(DType dtype, long rows, long panels) {
    long most = dtype == DType.FLOAT32 ? MOST_ROWS : MOST_ROWS_16;
    long wanted = Math.ceilDiv((long) PANELS_EACH * Torch.threads(), panels);
    long atLeast = Math.max(1, rows / LEAST_ROWS);
    long groups = Math.max(Math.ceilDiv(rows, most), Math.min(wanted, atLeast));
    return Math.ceilDiv(Math.ceilDiv(rows, groups), (long) LinearPanels.TILE_ROWS)
        * LinearPanels.TILE_ROWS;
  }
}
