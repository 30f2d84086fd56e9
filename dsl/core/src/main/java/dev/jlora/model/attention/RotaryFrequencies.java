package dev.jlora.model.attention;

import dev.jlora.model.ModelException;

/**
 * Frequencies of rotary position embedding (arXiv:2104.09864): pair i of dimensions of a token at
 * position m is rotated by the angle m * frequency i.
 */
public interface RotaryFrequencies {

  /**
   * The frequencies, in radians per position.
   *
   * @param pairs one for each pair of dimensions, half the size of a head
   * @param scale of cosines and sines, usually 1
   */
  record Turning(double[] pairs, double scale) {}

  /**
   * The frequencies for sequences of this many tokens; for any if they are {@link #fixed}.
   *
   * @param tokens one more than the highest position of the batch
   */
  Turning of(long tokens);

  /** Whether the frequencies are independent of the sequence length. */
  boolean fixed();

  /**
   * The published frequencies: theta^(-2i / size) for pair i. Objects with the same arguments are
   * equal.
   *
   * @param theta the base, more than 1, usually 10,000
   * @param size of a head, an even number
   * @throws ModelException if either is out of range
   */
  static RotaryFrequencies of(double theta, int size) {
    return new ThetaFrequencies(theta, size);
  }
}
