package dev.jlora.spec;

import org.jspecify.annotations.Nullable;

/**
 * Settings of a combination of adapters, by the names of PEFT's {@code add_weighted_adapter}.
 *
 * @param combinationType default {@code svd}, as in PEFT
 * @param svdRank rank of the {@code svd} types; null for the largest rank of the adapters
 * @param svdClamp quantile at which the {@code svd} types clamp the values of both factors; null
 *     for none
 * @param density share of the values that pruning keeps
 * @param majoritySignMethod how TIES elects signs; default {@code total}
 * @param seed of DARE's random pruning; default 0
 * @param combineHeads whether modules that several adapters train in full become their weighted
 *     mean; by default, such adapters are rejected
 * @param peftScaling whether to reproduce two errors of PEFT's scaling, for equal numbers: the
 *     {@code svd} types multiply each update by its scaling twice, and if the first adapter has
 *     {@code use_rslora}, every result by the root of its rank; default false
 */
public record CombinationSpec(
    CombinationType combinationType,
    @Nullable Integer svdRank,
    @Nullable Double svdClamp,
    @Nullable Double density,
    MajoritySign majoritySignMethod,
    long seed,
    boolean combineHeads,
    boolean peftScaling)
    implements Spec {

  /** How TIES elects the sign of a value. */
  public enum MajoritySign {
    /** The sign of the sum of the values. */
    TOTAL,
    /** The sign that more of the values have. */
    FREQUENCY
  }

  public CombinationSpec {
    String name = combinationType.text();
    Problems.in("combination")
        .unless(
            svdRank == null || combinationType.decomposes(),
            "svd_rank: got %s, expected none for %s, which does not decompose",
            svdRank,
            name)
        .unless(svdRank == null || svdRank > 0, "svd_rank: got %s, expected 1 or more", svdRank)
        .unless(
            svdClamp == null || combinationType.decomposes(),
            "svd_clamp: got %s, expected none for %s, which does not decompose",
            svdClamp,
            name)
        .unless(
            svdClamp == null || svdClamp > 0 && svdClamp <= 1,
            "svd_clamp: got %s, expected above 0 and at most 1",
            svdClamp)
        .unless(
            density != null || !combinationType.prunes(),
            "density: got none, expected the share of values that %s keeps, such as 0.5",
            name)
        .unless(
            density == null || combinationType.prunes(),
            "density: got %s, expected none for %s, which keeps all values",
            density,
            name)
        .unless(
            density == null || density > 0 && density <= 1,
            "density: got %s, expected above 0 and at most 1",
            density)
        .unless(
            majoritySignMethod == MajoritySign.TOTAL || combinationType.electsSigns(),
            "majority_sign_method: got frequency, expected none for %s, which elects no signs",
            name)
        .throwIfAny();
  }

  public static CombinationSpec defaults() {
    return of(CombinationType.SVD);
  }

  /** A combination with PEFT's defaults; pruning types need {@link #withDensity}. */
  public static CombinationSpec of(CombinationType type) {
    return new CombinationSpec(
        type, null, null, type.prunes() ? 1.0 : null, MajoritySign.TOTAL, 0, false, false);
  }

  /** The rank of the {@code svd} types. */
  public CombinationSpec withSvdRank(@Nullable Integer rank) {
    return new CombinationSpec(
        combinationType,
        rank,
        svdClamp,
        density,
        majoritySignMethod,
        seed,
        combineHeads,
        peftScaling);
  }

  /** The share of the values that pruning keeps. */
  public CombinationSpec withDensity(@Nullable Double share) {
    return new CombinationSpec(
        combinationType,
        svdRank,
        svdClamp,
        share,
        majoritySignMethod,
        seed,
        combineHeads,
        peftScaling);
  }

  /** With PEFT's errors of scaling. */
  public CombinationSpec withPeftScaling() {
    return new CombinationSpec(
        combinationType,
        svdRank,
        svdClamp,
        density,
        majoritySignMethod,
        seed,
        combineHeads,
        /* peftScaling= */ true);
  }

  @Override
  public String toString() {
    return json();
  }
}
