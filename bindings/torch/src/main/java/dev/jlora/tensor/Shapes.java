package dev.jlora.tensor;

import java.util.Arrays;

/** Shape computations in Java, made before any native call. */
public final class Shapes {
  private Shapes() {}

  /** Product of the sizes. */
  public static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  /** Row-major strides, in elements. */
  public static long[] contiguousStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(shape[i], 1);
    }
    return strides;
  }

  /** Whether the strides are row-major; dimensions of size 1 may have any. */
  public static boolean contiguous(long[] shape, long[] strides) {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] == 0) {
        return true;
      }
      if (shape[i] != 1) {
        if (strides[i] != expected) {
          return false;
        }
        expected *= shape[i];
      }
    }
    return true;
  }

  /**
   * A non-negative dimension index; negative arguments count from the end.
   *
   * @throws IndexOutOfBoundsException if there is no such dimension
   */
  public static int dim(int dim, int rank) {
    int front = dim < 0 ? dim + rank : dim;
    if (front < 0 || front >= rank) {
      throw new IndexOutOfBoundsException(
          "dimension: got %d, expected %d to %d".formatted(dim, -rank, rank - 1));
    }
    return front;
  }

  /** Text such as {@code [3, 4]}. */
  public static String text(long[] shape) {
    return Arrays.toString(shape);
  }
}
