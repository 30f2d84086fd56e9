package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * GELU (Hendrycks and Gimpel, arXiv 1606.08415) and its gradient in FLOAT32, exact or by the
 * tangent. Every element for itself, so that the bits do not depend on the number of threads.
 */
public final class GeluKernel {
  /** Elements that are worth a thread of their own. */
  private static final long GRAIN = 1 << 14;

  /**
   * Elements at a time, in the first-level cache. Loops over fewer spend their time at their ends;
   * with more there is less left for the processor to read ahead while it computes.
   */
  private static final int SPAN = 768;

  private GeluKernel() {}

  /** Whether there is a kernel for x: FLOAT32 side by side in the memory of the host. */
  public static boolean takes(Tensor x) {
    return RmsKernel.takes(x);
  }

  /** Whether there is one for x and the gradient of its GELU, which has its shape. */
  public static boolean takes(Tensor g, Tensor x) {
    return RmsKernel.takes(g, x) && Arrays.equals(g.shape(), x.shape());
  }

  /**
   * gelu(x), of x's shape.
   *
   * @param tanh the form by the tangent in place of the exact one
   */
  public static Tensor forward(Tensor x, boolean tanh) {
    Tensor y = Tensor.empty(DType.FLOAT32, x.shape());
    MemorySegment from = Everywhere.of(x);
    MemorySegment to = Everywhere.of(y);
    GeluCurve curve = GeluCurve.of(tanh);
    Parallel.forRange(
        0,
        x.elements(),
        GRAIN,
        (begin, end) -> {
          float[] values = new float[SPAN];
          for (long at = begin; at < end; at += SPAN) {
            int length = (int) Math.min(SPAN, end - at);
            long bytes = at * Float.BYTES;
            MemorySegment.copy(from, JAVA_FLOAT, bytes, values, 0, length);
            curve.apply(values, length);
            MemorySegment.copy(values, 0, to, JAVA_FLOAT, bytes, length);
          }
        });
    return y;
  }

  /**
   * g gelu'(x).
   *
   * @param g of gelu(x), of x's shape
   */
  public static Tensor backward(Tensor g, Tensor x, boolean tanh) {
    Tensor dx = Tensor.empty(DType.FLOAT32, x.shape());
    MemorySegment gradients = Everywhere.of(g);
    MemorySegment inputs = Everywhere.of(x);
    MemorySegment to = Everywhere.of(dx);
    GeluCurve curve = GeluCurve.derivativeOf(tanh);
    Parallel.forRange(
        0,
        x.elements(),
        GRAIN,
        (begin, end) -> {
          float[] along = new float[SPAN];
          float[] values = new float[SPAN];
          for (long at = begin; at < end; at += SPAN) {
            int length = (int) Math.min(SPAN, end - at);
            long bytes = at * Float.BYTES;
            MemorySegment.copy(gradients, JAVA_FLOAT, bytes, along, 0, length);
            MemorySegment.copy(inputs, JAVA_FLOAT, bytes, values, 0, length);
            curve.multiply(along, values, length);
            MemorySegment.copy(along, 0, to, JAVA_FLOAT, bytes, length);
          }
        });
    return dx;
  }
}
