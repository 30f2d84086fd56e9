package dev.jlora.spec;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How adapters are combined, by the names of PEFT's {@code add_weighted_adapter}. With weights w,
 * an adapter's update is w · scaling · B A.
 */
public enum CombinationType {
  /** Weighted sums of the A and of the B of adapters of one rank; adds cross terms. */
  LINEAR,
  /** The exact sum of the updates; the rank is the sum of the ranks. */
  CAT,
  /** The best approximation of that sum by a given rank. */
  SVD,
  /** TIES (Yadav et al., arXiv 2306.01708), applied to the A and to the B. */
  TIES,
  /** TIES of the updates, then as {@link #SVD}. */
  TIES_SVD,
  /** DARE (Yu et al., arXiv 2311.03099), applied to the A and to the B, and a weighted sum. */
  DARE_LINEAR,
  /** DARE, then TIES, applied to the A and to the B. */
  DARE_TIES,
  /** DARE of the updates, then as {@link #SVD}. */
  DARE_LINEAR_SVD,
  /** DARE, then TIES, of the updates, then as {@link #SVD}. */
  DARE_TIES_SVD,
  /** Keeps the largest values of the A and of the B, and a weighted sum. */
  MAGNITUDE_PRUNE,
  /** Keeps the largest values of the updates, then as {@link #SVD}. */
  MAGNITUDE_PRUNE_SVD;

  /**
   * The type with a name such as {@code ties_svd}.
   *
   * @throws SpecException naming the nearest names
   */
  public static CombinationType of(String name) {
    for (CombinationType type : values()) {
      if (type.text().equals(name)) {
        return type;
      }
    }
    List<String> names = Arrays.stream(values()).map(CombinationType::text).toList();
    throw new SpecException(
        List.of(
            "combination.combination_type: got '%s', expected one of %s"
                .formatted(name, Nearest.list(name, names))));
  }

  /** PEFT's name. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the result is a singular value decomposition with a rank of its own. */
  public boolean decomposes() {
    return name().endsWith("SVD");
  }

  /** Whether values are pruned to a density. */
  public boolean prunes() {
    return name().startsWith("TIES") || name().startsWith("DARE") || name().startsWith("MAGNITUDE");
  }

  /** Whether pruning is random, so that the result depends on a seed. */
  public boolean random() {
    return name().startsWith("DARE");
  }

  /** Whether values whose sign differs from the majority's are left out. */
  public boolean electsSigns() {
    return name().contains("TIES");
  }
}
