package dev.jlora.peft.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.peft.algebra.Combination.Result;
import dev.jlora.peft.algebra.Combination.Term;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationSpec.MajoritySign;
import dev.jlora.spec.CombinationType;
import dev.jlora.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every type of combination against PEFT's formula on plain arrays. */
class CombinationTest {
  private static final String MODULE = "layer.0.query";
  private static final double EXACT = 1e-10;

  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Property(tries = 60)
  void cat_is_the_weighted_sum_whatever_ranks_and_scalings_are(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int first,
      @ForAll @IntRange(min = 1, max = 4) int second,
      @ForAll @DoubleRange(min = -3, max = 3) double weight) {
    try (var _ = Scope.open()) {
      var random = new SplittableRandom(seed);
      double rslora = 8 / Math.sqrt(second);
      List<Term> terms =
          List.of(
              new Term(LowRankTest.update(random, 5, 4, first), 16.0 / first, 0.7),
              new Term(LowRankTest.update(random, 5, 4, second), rslora, weight));
      Result result = of(CombinationSpec.of(CombinationType.CAT), terms, 1);
      assertThat(result.update().rank()).isEqualTo(first + second);
      assertThat(result.error()).isZero();
      assertThat(result.update().dense().toDoubles())
          .containsExactly(weightedSum(terms), within(EXACT));
    }
  }

  @Property(tries = 60)
  void svd_states_its_distance_from_the_weighted_sum(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int rank) {
    try (var _ = Scope.open()) {
      List<Term> terms = terms(new SplittableRandom(seed), 2, 3);
      Result result = of(CombinationSpec.of(CombinationType.SVD), terms, rank);
      double[] exact = weightedSum(terms);
      double[] found = result.update().dense().toDoubles();
      double distance = 0;
      double norm = 0;
      for (int i = 0; i < exact.length; i++) {
        distance += (exact[i] - found[i]) * (exact[i] - found[i]);
        norm += exact[i] * exact[i];
      }
      assertThat(result.error()).isCloseTo(Math.sqrt(distance / norm), within(1e-9));
      assertThat(result.update().rank()).isLessThanOrEqualTo(rank);
      if (rank >= 4) { // the rank of a 5 x 4 matrix
        assertThat(result.error()).isLessThan(EXACT);
      }
    }
  }

  @Test
  void svd_with_pefts_scaling_has_each_scaling_twice() {
    List<Term> terms = terms(new SplittableRandom(1), 2, 2);
    CombinationSpec spec = CombinationSpec.of(CombinationType.SVD).withPeftScaling();
    double[] expected = new double[20];
    for (Term term : terms) {
      double[] dense = term.factors().dense().toDoubles();
      for (int i = 0; i < expected.length; i++) {
        expected[i] += term.weight() * term.scaling() * term.scaling() * dense[i];
      }
    }
    assertThat(of(spec, terms, 4).update().dense().toDoubles())
        .containsExactly(expected, within(EXACT));
  }

  @Test
  void linear_multiplies_sums_of_factors_with_roots_of_the_weights() {
    List<Term> terms = terms(new SplittableRandom(2), 2, 2);
    double[] up = new double[10];
    double[] down = new double[8];
    for (Term term : terms) {
      double factor = term.weight() * term.scaling();
      double root = Math.sqrt(Math.abs(factor));
      add(up, term.factors().up().toDoubles(), root);
      add(down, term.factors().down().toDoubles(), Math.signum(factor) * root);
    }
    Result result = of(CombinationSpec.of(CombinationType.LINEAR), terms, 9);
    assertThat(result.update().up().toDoubles()).containsExactly(up, within(EXACT));
    assertThat(result.update().down().toDoubles()).containsExactly(down, within(EXACT));
    assertThat(result.error()).isPositive();
  }

  @Test
  void one_adapter_is_scaled_exactly() {
    List<Term> one = terms(new SplittableRandom(3), 3).subList(0, 1);
    Result result = of(CombinationSpec.of(CombinationType.LINEAR), one, 9);
    assertThat(result.error()).isZero();
    assertThat(result.update().dense().toDoubles())
        .containsExactly(weightedSum(one), within(EXACT));
  }

  @Test
  void ties_keeps_large_values_and_averages_those_of_the_elected_sign() {
    double[][] values = {{5, -1, 0.1, -4, 2, 0.2}, {-3, -2, 6, 0.3, 2.5, 0.1}};
    double[] weights = {0.5, 2};
    // density 0.5 keeps three values of each: 5, -4, 2 and -3, 6, 2.5
    double[] expected = {0.5 * 5, 0, 2 * 6, 0.5 * -4, (0.5 * 2 + 2 * 2.5) / 2, 0};
    assertThat(combined(ties(MajoritySign.TOTAL), values, weights))
        .containsExactly(expected, within(EXACT));
    // 5 and -3 are one vote each: a tie elects the positive sign
    assertThat(combined(ties(MajoritySign.FREQUENCY), values, weights))
        .containsExactly(expected, within(EXACT));
    double[][] three = {{5, 1}, {-2, 1}, {-2, 1}};
    double[] equal = {1, 1, 1};
    CombinationSpec total =
        new CombinationSpec(
            CombinationType.TIES, null, null, 1.0, MajoritySign.TOTAL, 0, false, false);
    assertThat(combined(total, three, equal)).containsExactly(5, 1);
    assertThat(
            combined(
                new CombinationSpec(
                    CombinationType.TIES, null, null, 1.0, MajoritySign.FREQUENCY, 0, false, false),
                three,
                equal))
        .containsExactly(-2, 1);
  }

  @Test
  void magnitude_pruning_keeps_the_share_rounded_down() {
    double[][] values = {{3, -1, 2, 0.5, -4}};
    assertThat(combined(prune(0.5), values, new double[] {2})).containsExactly(6, 0, 0, 0, -8);
    assertThat(combined(prune(0.1), values, new double[] {2})).containsExactly(0, 0, 0, 0, 0);
    assertThat(combined(prune(1), values, new double[] {2})).containsExactly(6, -2, 4, 1, -8);
    double[][] equal = {{1, -1, 1, 1}};
    assertThat(combined(prune(0.5), equal, new double[] {1})).containsExactly(1, -1, 0, 0);
  }

  @Test
  void dare_keeps_the_expected_value_and_repeats_with_its_seed() {
    double[] ones = new double[20_000];
    java.util.Arrays.fill(ones, 1);
    double[] pruned = combined(dare(0.25, 7), new double[][] {ones}, new double[] {1});
    double sum = 0;
    int kept = 0;
    for (double value : pruned) {
      assertThat(value == 0 || value == 4).isTrue();
      sum += value;
      kept += value == 0 ? 0 : 1;
    }
    assertThat(kept).isBetween(4700, 5300);
    assertThat(sum / ones.length).isCloseTo(1, within(0.06));
    List<Term> terms = terms(new SplittableRandom(4), 2, 2);
    double[] once = of(dare(0.5, 1), terms, 2).update().dense().toDoubles();
    assertThat(of(dare(0.5, 1), terms, 2).update().dense().toDoubles()).isEqualTo(once);
    assertThat(of(dare(0.5, 2), terms, 2).update().dense().toDoubles()).isNotEqualTo(once);
  }

  @Test
  void pruned_updates_are_decomposed_as_matrices() {
    List<Term> terms = terms(new SplittableRandom(5), 2, 3);
    for (CombinationType type :
        List.of(
            CombinationType.TIES_SVD,
            CombinationType.MAGNITUDE_PRUNE_SVD,
            CombinationType.DARE_LINEAR_SVD,
            CombinationType.DARE_TIES_SVD)) {
      CombinationSpec spec = CombinationSpec.of(type).withDensity(0.5);
      double[][] dense = new double[2][];
      double[] weights = new double[2];
      for (int i = 0; i < 2; i++) {
        Term term = terms.get(i);
        dense[i] = term.factors().times(term.scaling()).dense().toDoubles();
        weights[i] = term.weight();
      }
      double[] expected = combined(spec, dense, weights);
      assertThat(of(spec, terms, 4).update().dense().toDoubles())
          .as(type.text())
          .containsExactly(expected, within(EXACT));
      assertThat(of(spec, terms, 1).update().rank()).isEqualTo(1);
    }
  }

  @Test
  void clamping_bounds_both_factors_by_a_quantile() {
    List<Term> terms = terms(new SplittableRandom(6), 2, 2);
    LowRank free = of(CombinationSpec.of(CombinationType.SVD), terms, 4).update();
    double[] all = new double[36];
    System.arraycopy(free.up().toDoubles(), 0, all, 0, 20);
    System.arraycopy(free.down().toDoubles(), 0, all, 20, 16);
    java.util.Arrays.sort(all);
    double most = all[28]; // 0.8 of the way from the first to the last of 36
    CombinationSpec clamped =
        new CombinationSpec(
            CombinationType.SVD, null, 0.8, null, MajoritySign.TOTAL, 0, false, false);
    LowRank update = of(clamped, terms, 4).update();
    for (double value : update.up().toDoubles()) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(most + EXACT);
    }
    assertThat(of(clamped, terms, 4).error()).isPositive();
  }

  @Test
  void ranks_that_differ_are_refused_where_factors_are_added() {
    List<Term> terms = terms(new SplittableRandom(7), 2, 3);
    for (CombinationType type :
        List.of(CombinationType.LINEAR, CombinationType.TIES, CombinationType.DARE_LINEAR)) {
      assertThatThrownBy(() -> of(CombinationSpec.of(type), terms, 3))
          .hasMessage(
              type.text()
                  + " combines adapters of one rank, and layer.0.query has the ranks 2 and 3; use"
                  + " cat or svd");
    }
  }

  private static Result of(CombinationSpec spec, List<Term> terms, int rank) {
    return new Combination(spec).of(MODULE, terms, rank);
  }

  private static double[] combined(CombinationSpec spec, double[][] values, double[] weights) {
    long mixed = spec.seed();
    for (int i = 0; i < MODULE.length(); i++) {
      mixed = mixed * 0x9E3779B97F4A7C15L + MODULE.charAt(i) + 1;
    }
    return new TaskVectors(spec, new SplittableRandom(mixed)).combined(List.of(values), weights);
  }

  private static CombinationSpec ties(MajoritySign sign) {
    return new CombinationSpec(CombinationType.TIES, null, null, 0.5, sign, 0, false, false);
  }

  private static CombinationSpec prune(double density) {
    return CombinationSpec.of(CombinationType.MAGNITUDE_PRUNE).withDensity(density);
  }

  private static CombinationSpec dare(double density, long seed) {
    return new CombinationSpec(
        CombinationType.DARE_LINEAR, null, null, density, MajoritySign.TOTAL, seed, false, false);
  }

  /** Updates of a 5 x 4 matrix with these ranks; one weight is negative. */
  private static List<Term> terms(SplittableRandom random, int... ranks) {
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      terms.add(
          new Term(LowRankTest.update(random, 5, 4, ranks[i]), 4.0 / (i + 1), i == 1 ? -0.6 : 0.9));
    }
    return terms;
  }

  private static double[] weightedSum(List<Term> terms) {
    double[] sum = new double[20];
    for (Term term : terms) {
      add(sum, term.factors().dense().toDoubles(), term.weight() * term.scaling());
    }
    return sum;
  }

  private static void add(double[] sum, double[] values, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * values[i];
    }
  }
}
