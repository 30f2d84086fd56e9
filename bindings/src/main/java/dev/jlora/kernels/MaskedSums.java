package dev.jlora.kernels;

/**
 * Adds floats to sums, all of them or those that a mask keeps. A loop goes over arrays indexed
 * alike and without a branch, so that C2 vectorizes it; the sign bit of (random bits - keep) is 1
 * for what is kept.
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

  /** sums += values, where the lower halves of the words keep them. */
  static void addLower(int[] words, int keep, float[] values, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += values[i] * (float) (((words[i] & LOW) - keep) >>> 31);
    }
  }

  /** sums += values, where the upper halves of the words keep them. */
  static void addUpper(int[] words, int keep, float[] values, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += values[i] * (float) (((words[i] >>> 16) - keep) >>> 31);
    }
  }
}
