package dev.jlora.model.attention;

/**
 * How fast rotary position embedding turns the pairs of dimensions of a head (arXiv:2104.09864):
 * pair i of a token at position m is turned by the angle m * frequency i.
 */
public interface RotaryFrequencies {

  /**
   * The frequencies, in radians for each position.
   *
   * @param pairs one for each pair of dimensions: half as many as a head is wide
   * @param scale what cosines and sines are multiplied with, most often 1
   */
  record Turning(double[] pairs, double scale) {}

  /**
   * The frequencies for sequences of this many tokens; for any where they are {@link #fixed}.
   *
   * @param tokens one more than the highest position of the batch
   */
  Turning of(long tokens);

  /** Whether the length of the sequence does not matter. */
  boolean fixed();
}
