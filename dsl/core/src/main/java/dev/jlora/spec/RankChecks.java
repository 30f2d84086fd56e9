package dev.jlora.spec;

import java.util.Map;

/** Checks of ranks, alphas and dropout probabilities, for the constructors of adapter specs. */
public final class RankChecks {
  /** Maximum rank, far above the width of any model. */
  public static final int MAX_RANK = 65_536;

  /** Maximum alpha, far above any use and far below the range of a float. */
  public static final double MAX_ALPHA = 1e9;

  private RankChecks() {}

  /**
   * Checks {@code rank}.
   *
   * @param usual a common choice, named in the message
   */
  public static void rank(Problems problems, int rank, int usual) {
    problems.unless(
        isRank(rank),
        "rank: got %d, expected 1 to %d (%d is a common choice)",
        rank,
        MAX_RANK,
        usual);
  }

  /** Checks {@code alpha}. */
  public static void alpha(Problems problems, double alpha) {
    problems.unless(
        isAlpha(alpha),
        "alpha: got %s, expected a number above 0, up to %s (often 1 to 4 times the rank)",
        alpha,
        MAX_ALPHA);
  }

  /**
   * Checks a dropout probability.
   *
   * @param key its name: {@code dropout}
   */
  public static void dropout(Problems problems, String key, double probability) {
    problems.unless(
        probability >= 0 && probability < 1,
        "%s: got %s, expected 0 or more and less than 1",
        key,
        probability);
  }

  /** Checks {@code rank_pattern}: its expressions and ranks. */
  public static void rankPattern(Problems problems, Map<String, Integer> ranks) {
    ranks.forEach(
        (key, value) -> {
          TargetedSpec.checkRegex(problems, "rank_pattern", key);
          problems.unless(
              isRank(value), "rank_pattern '%s': got %d, expected 1 to %d", key, value, MAX_RANK);
        });
  }

  /** Checks {@code alpha_pattern}: its expressions and alphas. */
  public static void alphaPattern(Problems problems, Map<String, Double> alphas) {
    alphas.forEach(
        (key, value) -> {
          TargetedSpec.checkRegex(problems, "alpha_pattern", key);
          problems.unless(
              isAlpha(value),
              "alpha_pattern '%s': got %s, expected above 0, up to %s",
              key,
              value,
              MAX_ALPHA);
        });
  }

  private static boolean isRank(int value) {
    return value > 0 && value <= MAX_RANK;
  }

  private static boolean isAlpha(double value) {
    return value > 0 && value <= MAX_ALPHA;
  }
}
