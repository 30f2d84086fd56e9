package dev.jlora.kernels;

/**
 * Sums over a row, by folding: the second half is added to the first, again and again. C2 leaves
 * sums of floats into one number scalar, and loops over arrays indexed alike it turns into vector
 * instructions, so the second half is copied first; a sum in pairs is more exact as well. For one
 * thread.
 */
final class RowSums {
  /** Where a sum of the rest takes no longer than a loop more. */
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

  /** The sum of n of a. */
  double sum(float[] a, int n) {
    int half = n / 2;
    System.arraycopy(a, half, folded, 0, half);
    add(folded, a, half);
    double odd = n % 2 == 0 ? 0 : a[n - 1];
    return odd + fold(half);
  }

  /** The sum of n of a b. */
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
