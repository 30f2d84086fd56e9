package dev.jlora.kernels;

/**
 * Loops over pairs of bfloat16 in ints and over the bits of floats. C2 does not vectorize loops
 * over shorts, but it does vectorize these, in which all arrays have the same index.
 */
final class Bfloat16Pairs {
  private static final int HIGH = 0xffff0000;
  private static final int LOW = 0xffff;

  private Bfloat16Pairs() {}

  /**
   * Rounds two floats, given as bits, to nearest even and joins them in one int, the first in its
   * lower half.
   */
  static void pack(int[] first, int[] second, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      int a = first[i];
      int b = second[i];
      int lower = (a + 0x7fff + ((a >>> 16) & 1)) >>> 16;
      int upper = (b + 0x7fff + ((b >>> 16) & 1)) & HIGH;
      out[i] = lower | upper;
    }
  }

  /** The inverse of {@link #pack}, which is exact: the bits of both floats of each int. */
  static void unpack(int[] pairs, int[] first, int[] second, int length) {
    for (int i = 0; i < length; i++) {
      first[i] = pairs[i] << 16;
      second[i] = pairs[i] & HIGH;
    }
  }

  /** Joins the lower halves of two ints in one int and their upper halves in another. */
  static void interleave(int[] first, int[] second, int[] lower, int[] upper, int length) {
    for (int i = 0; i < length; i++) {
      int a = first[i];
      int b = second[i];
      lower[i] = (a & LOW) | (b << 16);
      upper[i] = (a >>> 16) | (b & HIGH);
    }
  }

  /**
   * Zeroes dropped elements: the halves of a word decide the halves of the int at the same index.
   * The sign of (bits - keep), extended over half an int, is all ones for kept elements.
   */
  static void keep(int[] words, int keep, int[] pairs, int length) {
    for (int i = 0; i < length; i++) {
      int word = words[i];
      int lower = (((word & LOW) - keep) >> 31) & LOW;
      int upper = (((word >>> 16) - keep) >> 31) & HIGH;
      pairs[i] = pairs[i] & (lower | upper);
    }
  }
}
