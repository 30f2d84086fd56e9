package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * RMS norm of rows, x / sqrt(mean(x^2) + eps) * weight, and its gradient, each in one pass over
 * memory: a row is read into the L1 cache and processed completely there. Operators would need five
 * passes and seven.
 */
public final class RmsKernel {
  /** Minimum number of elements for a thread. */
  private static final long GRAIN = 1 << 14;

  private RmsKernel() {}

  /**
   * Results of forward.
   *
   * @param y [..., n]
   * @param rstd [..., 1], the factor of each row
   */
  public record Normalized(Tensor y, Tensor rstd) {}

  /** Whether the kernel supports these tensors: contiguous FLOAT32 in host memory. */
  public static boolean takes(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.dtype() != DType.FLOAT32 || !HostMemory.has(tensor)) {
        return false;
      }
    }
    return true;
  }

  /** The norm of x [..., n] with a weight of [n]. */
  public static Normalized forward(Tensor x, Tensor weight, double eps) {
    int n = Math.toIntExact(x.size(-1));
    long rows = x.elements() / n;
    long[] shape = x.shape();
    Tensor y = Tensor.empty(DType.FLOAT32, shape);
    shape[shape.length - 1] = 1;
    Tensor rstd = Tensor.empty(DType.FLOAT32, shape);
    float[] w = weight.toFloats();
    MemorySegment from = HostMemory.of(x);
    MemorySegment to = HostMemory.of(y);
    MemorySegment factors = HostMemory.of(rstd);
    Parallel.forRange(
        0,
        rows,
        Math.max(1, GRAIN / n),
        (begin, end) -> {
          float[] values = new float[n];
          RowSums sums = new RowSums(n);
          for (long row = begin; row < end; row++) {
            MemorySegment.copy(from, JAVA_FLOAT, row * n * Float.BYTES, values, 0, n);
            double mean = sums.dot(values, values, n) / n;
            float factor = (float) (1 / Math.sqrt(mean + eps));
            factors.setAtIndex(JAVA_FLOAT, row, factor);
            scale(values, factor, w, n);
            MemorySegment.copy(values, 0, to, JAVA_FLOAT, row * n * Float.BYTES, n);
          }
        });
    return new Normalized(y, rstd);
  }

  /** The gradient of x, rstd g w - x rstd^3 mean(g w x), from the gradient of y [..., n]. */
  public static Tensor backward(Tensor g, Tensor x, Tensor rstd, Tensor weight) {
    int n = Math.toIntExact(x.size(-1));
    long rows = x.elements() / n;
    Tensor dx = Tensor.empty(DType.FLOAT32, x.shape());
    float[] w = weight.toFloats();
    MemorySegment gradients = HostMemory.of(g);
    MemorySegment inputs = HostMemory.of(x);
    MemorySegment factors = HostMemory.of(rstd);
    MemorySegment to = HostMemory.of(dx);
    Parallel.forRange(
        0,
        rows,
        Math.max(1, GRAIN / n),
        (begin, end) -> {
          float[] along = new float[n];
          float[] values = new float[n];
          RowSums sums = new RowSums(n);
          for (long row = begin; row < end; row++) {
            MemorySegment.copy(gradients, JAVA_FLOAT, row * n * Float.BYTES, along, 0, n);
            MemorySegment.copy(inputs, JAVA_FLOAT, row * n * Float.BYTES, values, 0, n);
            float factor = factors.getAtIndex(JAVA_FLOAT, row);
            scale(along, factor, w, n);
            double part = sums.dot(along, values, n) / n * factor * factor;
            subtract(along, (float) part, values, n);
            MemorySegment.copy(along, 0, to, JAVA_FLOAT, row * n * Float.BYTES, n);
          }
        });
    return dx;
  }

  private static void scale(float[] values, float factor, float[] w, int n) {
    for (int i = 0; i < n; i++) {
      values[i] = values[i] * factor * w[i];
    }
  }

  private static void subtract(float[] values, float part, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      values[i] -= part * x[i];
    }
  }
}
