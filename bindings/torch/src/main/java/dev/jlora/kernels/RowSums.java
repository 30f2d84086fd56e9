package dev.jlora.kernels;

/**
 * Sums over a row by folding: the second half is added to the first, repeatedly. C2 does not
 * vectorize a sum of floats into one number but vectorizes loops over arrays with one index, so the
 * second half is copied first; pairwise summation is also more accurate. For one thread.
 */
final class RowSums {
  /** Below this length a scalar sum takes no longer than another loop. */
  private static final int SHORT = 32;

  private final float[] folded;
  private final float[] upper;

  /**
   * @param n the longest row
   */
  RowSums(int n) {
    folded = new float[n];
    upper = new float[n];
  }

  /** The sum of the first n elements of a. */
  double sum(float[] a, int n) {
    int half = n / 2;
    System.arraycopy(a, half, folded, 0, half);
    add(folded, a, half);
    double odd = n % 2 == 0 ? 0 : a[n - 1];
    return odd + fold(half);
  }

  /** The dot product of the first n elements of a and b. */
  double dot(float[] a, float[] b, int n) {
    multiply(folded, a, b, n);
    return fold(n);
  }

  private double fold(int n) {
    int length = n;
    double sum = 0;
    while (length > SHORT) {
      if (length % 2 != 0) {
        sum += folded[length - 1];
      }
      length /= 2;
      System.arraycopy(folded, length, upper, 0, length);
      add(folded, upper, length);
    }
    for (int i = 0; i < length; i++) {
      sum += folded[i];
    }
    return sum;
  }

  private static void add(float[] to, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      to[i] += values[i];
    }
  }

  private static void multiply(float[] to, float[] a, float[] b, int length) {
    for (int i = 0; i < length; i++) {
      to[i] = a[i] * b[i];
    }
  }
}
