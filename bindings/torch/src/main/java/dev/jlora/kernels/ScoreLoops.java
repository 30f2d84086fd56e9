package dev.jlora.kernels;

/**
 * The loops of a softmax over spans of scores. They have no branches and use one index for arrays
 * of one type, so that C2 vectorizes them: half a cycle to two cycles for sixteen floats, some
 * fifteen for the exponential.
 */
final class ScoreLoops {
  private static final float LOG2_E = 1.442695f;

  /**
   * ln 2 in two parts; the first has so few bits that its products with small integers are exact.
   */
  private static final float LN2_HIGH = 0.69314575f;

  private static final float LN2_LOW = 1.4286068e-6f;

  /** (e^r - 1) / r on [0, ln 2], to 2e-9 of e^r: a minimax fit. */
  private static final float C0 = 0.9999998f;

  private static final float C1 = 0.50000584f;
  private static final float C2 = 0.16661002f;
  private static final float C3 = 0.04191539f;
  private static final float C4 = 0.0077916784f;
  private static final float C5 = 0.0019490967f;

  private static final int MANTISSA = 23;
  private static final int ONE = 1 << MANTISSA;
  private static final int BIAS = 127;
  private static final int UPPER = 16;

  private ScoreLoops() {}

  /**
   * The bits of the floats e^(x factor - shift), for exponents up to 0 plus rounding; 0 below
   * e^-87. Accurate to two units in the last place; for infinities and NaN the result is undefined,
   * except that e^-infinity is 0.
   *
   * <p>With e^x = 2^k e^r and r from 0 to ln 2, the mantissa is e^r - 1 and the exponent k; both
   * are integers here, because C2 cannot vectorize reading a float's bits. If rounding puts r
   * outside of its range, the mantissa overflows into the next binade, whose steps are twice as
   * wide, or underflows.
   */
  static void exp(float[] x, float factor, float[] shift, int[] bits, int length) {
    for (int i = 0; i < length; i++) {
      float exponent = Math.fma(x[i], factor, -shift[i]);
      int k = (int) Math.fma(exponent, LOG2_E, -1f);
      float whole = (float) k;
      float r = Math.fma(whole, -LN2_LOW, Math.fma(whole, -LN2_HIGH, exponent));
      float p = Math.fma(C5, r, C4);
      p = Math.fma(p, r, C3);
      p = Math.fma(p, r, C2);
      p = Math.fma(p, r, C1);
      p = Math.fma(p, r, C0);
      int mantissa = (int) Math.fma(p * r, (float) ONE, 0.5f);
      mantissa += Math.min(mantissa, 0) - (Math.max(mantissa - ONE, 0) >> 1);
      bits[i] = (((k + BIAS) << MANTISSA) + mantissa) & ~((k + BIAS - 1) >> 31);
    }
  }

  /** x = x * factor + addend. */
  static void addMask(float[] x, float factor, float[] addend, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = Math.fma(x[i], factor, addend[i]);
    }
  }

  /** maxima = max(maxima, x * factor); NaN is propagated. */
  static void max(float[] maxima, float[] x, float factor, int length) {
    for (int i = 0; i < length; i++) {
      maxima[i] = Math.max(maxima[i], x[i] * factor);
    }
  }

  /** sums += x. */
  static void add(float[] sums, float[] x, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += x[i];
    }
  }

  /** x *= factors. */
  static void multiply(float[] x, float[] factors, int length) {
    for (int i = 0; i < length; i++) {
      x[i] *= factors[i];
    }
  }

  /** sums += x * y. */
  static void addProducts(float[] sums, float[] x, float[] y, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] = Math.fma(x[i], y[i], sums[i]);
    }
  }

  /** out = x * mask * factor; the mask is in the lower or the upper halves of the words. */
  static void drop(
      float[] out, float[] x, int[] words, boolean upper, int keep, float factor, int length) {
    if (upper) {
      dropUpper(out, x, words, keep, factor, length);
    } else {
      dropLower(out, x, words, keep, factor, length);
    }
  }

  /** The sign bit of (bits - keep) is 1 for kept elements. */
  private static void dropLower(
      float[] out, float[] x, int[] words, int keep, float factor, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = x[i] * ((float) (((words[i] & 0xffff) - keep) >>> 31) * factor);
    }
  }

  private static void dropUpper(
      float[] out, float[] x, int[] words, int keep, float factor, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = x[i] * ((float) (((words[i] >>> UPPER) - keep) >>> 31) * factor);
    }
  }

  /** g = scale * (dropped * g - p * sums): the gradient of scores from that of probabilities. */
  static void scoreGradient(
      float[] g, float[] dropped, float[] p, float[] sums, float scale, int length) {
    for (int i = 0; i < length; i++) {
      g[i] = scale * (dropped[i] * g[i] - p[i] * sums[i]);
    }
  }
}
