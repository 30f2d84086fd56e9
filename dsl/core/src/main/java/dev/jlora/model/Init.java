package dev.jlora.model;

/**
 * Initialization of a parameter that is not in the checkpoint.
 *
 * @param kind the distribution
 * @param std standard deviation of {@link Kind#NORMAL}, 0 otherwise
 */
public record Init(Kind kind, double std) {
  public enum Kind {
    NORMAL,
    ZEROS,
    ONES
  }

  public static final Init ZEROS = new Init(Kind.ZEROS, 0);
  public static final Init ONES = new Init(Kind.ONES, 0);

  public static Init normal(double std) {
    return new Init(Kind.NORMAL, std);
  }
}
