package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layer norm of rows in FLOAT32, (x - mean) / sqrt(variance + eps) * weight + bias (Ba et al.,
 * "Layer Normalization", 2016), and the gradient of x, each in one pass over memory: a row is read
 * into the L1 cache and processed completely there.
 */
public final class LayerNormKernel {
  /** Minimum number of elements for a thread. */
  private static final long GRAIN = 1 << 14;

  private LayerNormKernel() {}

  /**
   * Results of forward.
   *
   * @param y [..., n]
   * @param mean [..., 1]
   * @param rstd the inverse of the standard deviation, [..., 1]
   */
  public record Normalized(Tensor y, Tensor mean, Tensor rstd) {}

  /** Whether the kernel supports these tensors: contiguous FLOAT32 in host memory. */
  public static boolean takes(@Nullable Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor != null && (tensor.dtype() != DType.FLOAT32 || !HostMemory.has(tensor))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The norm of x [..., n].
   *
   * @param weight [n], null for ones
   * @param bias [n], null for zeros
   */
  public static Normalized forward(
      Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    int n = Math.toIntExact(x.size(-1));
    Tensor y = Tensor.empty(DType.FLOAT32, x.shape());
    long[] shape = x.shape();
    shape[shape.length - 1] = 1;
    Tensor mean = Tensor.empty(DType.FLOAT32, shape);
    Tensor rstd = Tensor.empty(DType.FLOAT32, shape);
    float[] w = values(weight, n, 1);
    float[] b = values(bias, n, 0);
    MemorySegment from = HostMemory.of(x);
    MemorySegment to = HostMemory.of(y);
    MemorySegment means = HostMemory.of(mean);
    MemorySegment factors = HostMemory.of(rstd);
    Parallel.forRange(
        0,
        x.elements() / n,
        Math.max(1, GRAIN / n),
        (begin, end) -> {
          float[] row = new float[n];
          RowSums sums = new RowSums(n);
          for (long index = begin; index < end; index++) {
            MemorySegment.copy(from, JAVA_FLOAT, index * n * Float.BYTES, row, 0, n);
            float middle = (float) (sums.sum(row, n) / n);
            subtract(row, middle, n);
            double variance = sums.dot(row, row, n) / n;
            float factor = (float) (1 / Math.sqrt(variance + eps));
            means.setAtIndex(JAVA_FLOAT, index, middle);
            factors.setAtIndex(JAVA_FLOAT, index, factor);
            scale(row, factor, w, b, n);
            MemorySegment.copy(row, 0, to, JAVA_FLOAT, index * n * Float.BYTES, n);
          }
        });
    return new Normalized(y, mean, rstd);
  }

  /**
   * The gradient of x: with h = (x - mean) rstd and v = g w it is rstd (v - mean(v) - h mean(v h)).
   *
   * @param g gradient of y, [..., n]
   * @param weight [n], null for ones
   */
  public static Tensor backward(
      Tensor g, Tensor x, Tensor mean, Tensor rstd, @Nullable Tensor weight) {
    int n = Math.toIntExact(x.size(-1));
    Tensor dx = Tensor.empty(DType.FLOAT32, x.shape());
    float[] w = values(weight, n, 1);
    MemorySegment gradients = HostMemory.of(g);
    MemorySegment inputs = HostMemory.of(x);
    MemorySegment means = HostMemory.of(mean);
    MemorySegment factors = HostMemory.of(rstd);
    MemorySegment to = HostMemory.of(dx);
    Parallel.forRange(
        0,
        x.elements() / n,
        Math.max(1, GRAIN / n),
        (begin, end) -> {
          float[] along = new float[n];
          float[] row = new float[n];
          RowSums sums = new RowSums(n);
          for (long index = begin; index < end; index++) {
            MemorySegment.copy(gradients, JAVA_FLOAT, index * n * Float.BYTES, along, 0, n);
            MemorySegment.copy(inputs, JAVA_FLOAT, index * n * Float.BYTES, row, 0, n);
            float factor = factors.getAtIndex(JAVA_FLOAT, index);
            subtract(row, means.getAtIndex(JAVA_FLOAT, index), n);
            multiply(along, w, n);
            float middle = (float) (sums.sum(along, n) / n);
            double part = sums.dot(along, row, n) / n;
            combine(along, row, middle, (float) (part * factor * factor), factor, n);
            MemorySegment.copy(along, 0, to, JAVA_FLOAT, index * n * Float.BYTES, n);
          }
        });
    return dx;
  }

  private static float[] values(@Nullable Tensor parameter, int n, float neutral) {
    if (parameter != null) {
      return parameter.toFloats();
    }
    float[] values = new float[n];
    Arrays.fill(values, neutral);
    return values;
  }

  private static void subtract(float[] row, float middle, int n) {
    for (int i = 0; i < n; i++) {
      row[i] -= middle;
    }
  }

  private static void multiply(float[] row, float[] w, int n) {
    for (int i = 0; i < n; i++) {
      row[i] *= w[i];
    }
  }

  private static void scale(float[] row, float factor, float[] w, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      row[i] = row[i] * factor * w[i] + b[i];
    }
  }

  private static void combine(
      float[] along, float[] row, float middle, float share, float factor, int n) {
    for (int i = 0; i < n; i++) {
      along[i] = (along[i] - middle - row[i] * share) * factor;
    }
  }
}
