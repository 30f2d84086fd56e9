package dev.jlora.kernels;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;

/**
 * GELU (Hendrycks and Gimpel, arXiv 1606.08415) and its gradient, exact or with the tanh
 * approximation: both in FLOAT32, only the approximation in BFLOAT16, where libtorch is faster for
 * the exact form. Elements are independent, so the bits do not depend on the number of threads.
 */
public final class GeluKernel {
  /** Minimum number of elements for a thread. */
  private static final long GRAIN = 1 << 14;

  /**
   * Number of elements processed at a time, in the L1 cache. The fastest between 384 and 2,048:
   * with fewer, the ends of loops dominate, and with 1,024 the arrays of the gradient are 4,096
   * bytes apart.
   */
  private static final int SPAN = 768;

  private GeluKernel() {}

  /**
   * Whether the kernel supports x: contiguous in host memory.
   *
   * @param tanh the tanh approximation instead of the exact form
   */
  public static boolean takes(Tensor x, boolean tanh) {
    return (x.dtype() == DType.FLOAT32 || tanh && x.dtype() == DType.BFLOAT16) && HostMemory.has(x);
  }

  /** Whether the kernel supports x and the gradient of its GELU, with the same shape and dtype. */
  public static boolean takes(Tensor g, Tensor x, boolean tanh) {
    return takes(x, tanh)
        && takes(g, tanh)
        && g.dtype() == x.dtype()
        && Arrays.equals(g.shape(), x.shape());
  }

  /** gelu(x), with x's shape and dtype. */
  public static Tensor forward(Tensor x, boolean tanh) {
    DType dtype = x.dtype();
    Tensor y = Tensor.empty(dtype, x.shape());
    long from = x.address();
    long to = y.address();
    GeluCurve curve = GeluCurve.of(tanh);
    Parallel.forRange(
        0,
        x.elements(),
        GRAIN,
        (begin, end) -> {
          FloatSpan span = FloatSpan.ofThread(dtype);
          float[] values = new float[SPAN];
          for (long at = begin; at < end; at += SPAN) {
            int length = (int) Math.min(SPAN, end - at);
            long bytes = at * dtype.bytes();
            span.load(from + bytes, values, length);
            curve.apply(values, length);
            span.store(values, to + bytes, length);
          }
        });
    return y;
  }

  /**
   * g gelu'(x).
   *
   * @param g gradient of gelu(x), with x's shape and dtype
   */
  public static Tensor backward(Tensor g, Tensor x, boolean tanh) {
    DType dtype = x.dtype();
    Tensor dx = Tensor.empty(dtype, x.shape());
    long gradients = g.address();
    long inputs = x.address();
    long to = dx.address();
    GeluCurve curve = GeluCurve.derivativeOf(tanh);
    Parallel.forRange(
        0,
        x.elements(),
        GRAIN,
        (begin, end) -> {
          FloatSpan span = FloatSpan.ofThread(dtype);
          float[] along = new float[SPAN];
          float[] values = new float[SPAN];
          for (long at = begin; at < end; at += SPAN) {
            int length = (int) Math.min(SPAN, end - at);
            long bytes = at * dtype.bytes();
            span.load(gradients + bytes, along, length);
            span.load(inputs + bytes, values, length);
            curve.multiply(along, values, length);
            span.store(along, to + bytes, length);
          }
        });
    return dx;
  }
}
