package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Converts an adapter's matrices to the order of {@link Planes} and back: column {@code i} of n is
 * in plane {@code i % planes} at {@code i / planes}. The matrices are small: one plain loop costs
 * less than the operators it replaces.
 */
final class AdapterPlanes {
  private AdapterPlanes() {}

  /** A [r, n] of any floating dtype to [planes, r, n / planes] FLOAT32. */
  static Tensor ofColumns(Tensor matrix, int planes) {
    int rows = (int) matrix.size(0);
    int width = (int) matrix.size(1) / planes;
    float[] from = floats(matrix);
    float[] to = new float[from.length];
    for (int p = 0; p < planes; p++) {
      for (int row = 0; row < rows; row++) {
        int first = row * width * planes + p;
        int at = (p * rows + row) * width;
        for (int i = 0; i < width; i++) {
          to[at + i] = from[first + i * planes];
        }
      }
    }
    return tensor(to, planes, rows, width);
  }

  /** B [n, r] of any floating dtype to factor * B^T, [planes, r, n / planes] FLOAT32. */
  static Tensor ofRows(Tensor matrix, float factor, int planes) {
    int columns = (int) matrix.size(1);
    int width = (int) matrix.size(0) / planes;
    float[] from = floats(matrix);
    float[] to = new float[from.length];
    for (int p = 0; p < planes; p++) {
      for (int column = 0; column < columns; column++) {
        int first = p * columns + column;
        int at = (p * columns + column) * width;
        for (int i = 0; i < width; i++) {
          to[at + i] = factor * from[first + i * planes * columns];
        }
      }
    }
    return tensor(to, planes, columns, width);
  }

  /** The sum of [shares, planes, r, n / planes] over the shares, as [r, n]. */
  static Tensor columns(Tensor parts) {
    int planes = (int) parts.size(1);
    int rows = (int) parts.size(2);
    int width = (int) parts.size(3);
    float[] from = summed(parts);
    float[] to = new float[from.length];
    for (int p = 0; p < planes; p++) {
      for (int row = 0; row < rows; row++) {
        int first = row * width * planes + p;
        int at = (p * rows + row) * width;
        for (int i = 0; i < width; i++) {
          to[first + i * planes] = from[at + i];
        }
      }
    }
    return tensor(to, rows, (long) width * planes);
  }

  /** The sum of [shares, planes, r, n / planes] over the shares, transposed, as [n, r]. */
  static Tensor rows(Tensor parts) {
    int planes = (int) parts.size(1);
    int columns = (int) parts.size(2);
    int width = (int) parts.size(3);
    float[] from = summed(parts);
    float[] to = new float[from.length];
    for (int p = 0; p < planes; p++) {
      for (int column = 0; column < columns; column++) {
        int first = p * columns + column;
        int at = (p * columns + column) * width;
        for (int i = 0; i < width; i++) {
          to[first + i * planes * columns] = from[at + i];
        }
      }
    }
    return tensor(to, (long) width * planes, columns);
  }

  private static float[] summed(Tensor parts) {
    float[] all = floats(parts);
    int each = all.length / (int) parts.size(0);
    float[] sum = Arrays.copyOf(all, each);
    for (int share = each; share < all.length; share += each) {
      for (int i = 0; i < each; i++) {
        sum[i] += all[share + i];
      }
    }
    return sum;
  }

  private static float[] floats(Tensor matrix) {
    return HostMemory.of(Ops.contiguous(Ops.to(matrix, DType.FLOAT32))).toArray(JAVA_FLOAT);
  }

  private static Tensor tensor(float[] values, long... shape) {
    Tensor tensor = Tensor.empty(DType.FLOAT32, shape);
    MemorySegment.copy(values, 0, HostMemory.of(tensor), JAVA_FLOAT, 0, values.length);
    return tensor;
  }
}
