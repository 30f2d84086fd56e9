package dev.jlora.kernels;

/**
 * Adds floats to sums, all of them or those that a mask keeps. The loops have no branches and use
 * one index for all arrays, so that C2 vectorizes them; the sign bit of (random bits - keep) is 1
 * for kept elements.
 */
final class MaskedSums {
  private static final int LOW = 0xffff;

  private MaskedSums() {}

  /** sums += values. */
  static void add(float[] values, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += values[i];
    }
  }

  /** sums += values, for elements that the lower halves of the words keep. */
  static void addLower(int[] words, int keep, float[] values, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += values[i] * (float) (((words[i] & LOW) - keep) >>> 31);
    }
  }

  /** sums += values, for elements that the upper halves of the words keep. */
  static void addUpper(int[] words, int keep, float[] values, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += values[i] * (float) (((words[i] >>> 16) - keep) >>> 31);
    }
  }
}
