package dev.jlora.peft.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.SplittableRandom;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Laws of low-rank updates, against dense matrices. */
class LowRankTest {
  private static final double EXACT = 1e-10;

  @Property(tries = 60)
  void a_sum_is_the_dense_sum_in_any_grouping(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 7) int out,
      @ForAll @IntRange(min = 1, max = 7) int in,
      @ForAll @IntRange(min = 1, max = 4) int rank) {
    try (var _ = Scope.open()) {
      var random = new SplittableRandom(seed);
      LowRank a = update(random, out, in, rank);
      LowRank b = update(random, out, in, 2);
      LowRank c = update(random, out, in, 1);
      double[] left = a.plus(b).plus(c).dense().toDoubles();
      double[] right = a.plus(b.plus(c)).dense().toDoubles();
      double[] other = c.plus(a).plus(b).dense().toDoubles();
      assertThat(left).containsExactly(right, within(EXACT));
      assertThat(left).containsExactly(other, within(EXACT));
      for (int i = 0; i < left.length; i++) {
        double dense =
            a.dense().toDoubles()[i] + b.dense().toDoubles()[i] + c.dense().toDoubles()[i];
        assertThat(left[i]).isCloseTo(dense, within(EXACT));
      }
      assertThat(a.plus(b).plus(c).rank()).isEqualTo(rank + 3);
    }
  }

  @Property(tries = 60)
  void multiples_are_those_of_the_matrix(
      @ForAll long seed, @ForAll @DoubleRange(min = -50, max = 50) double factor) {
    try (var _ = Scope.open()) {
      LowRank a = update(new SplittableRandom(seed), 5, 4, 3);
      double[] dense = a.dense().toDoubles();
      double[] times = a.times(factor).dense().toDoubles();
      for (int i = 0; i < dense.length; i++) {
        assertThat(times[i]).isCloseTo(factor * dense[i], within(EXACT));
      }
      assertThat(a.times(factor).norm())
          .isCloseTo(Math.abs(factor) * a.norm(), within(EXACT * (1 + Math.abs(factor))));
      assertThat(a.times(factor).rank()).isEqualTo(3);
    }
  }

  @Property(tries = 60)
  void an_update_minus_itself_is_zero(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int rank) {
    try (var _ = Scope.open()) {
      LowRank a = update(new SplittableRandom(seed), 6, 5, rank);
      LowRank nothing = a.minus(a);
      assertThat(nothing.norm()).isLessThan(EXACT);
      assertThat(nothing.decompose().rank(1).norm()).isLessThan(EXACT);
    }
  }

  @Property(tries = 60)
  void an_approximation_by_a_rank_has_the_error_that_is_stated(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int out,
      @ForAll @IntRange(min = 1, max = 9) int in,
      @ForAll @IntRange(min = 1, max = 12) int rank,
      @ForAll @IntRange(min = 1, max = 12) int kept) {
    try (var _ = Scope.open()) {
      LowRank a = update(new SplittableRandom(seed), out, in, rank);
      LowRank.Decomposition decomposition = a.decompose();
      LowRank approximation = decomposition.rank(kept);
      assertThat(approximation.rank()).isLessThanOrEqualTo(kept);
      double distance = distance(a, approximation);
      assertThat(decomposition.tail(approximation.rank())).isCloseTo(distance, within(EXACT));
      assertThat(decomposition.norm()).isCloseTo(distance(a, a.times(0)), within(EXACT));
      if (kept >= Math.min(rank, Math.min(out, in))) {
        assertThat(distance).isLessThan(EXACT);
      }
    }
  }

  @Property(tries = 40)
  void the_decomposition_of_the_factors_is_that_of_the_matrix(@ForAll long seed) {
    try (var _ = Scope.open()) {
      LowRank a = update(new SplittableRandom(seed), 7, 5, 3);
      double[] values = a.decompose().values();
      double[] dense = LowRank.Decomposition.of(a.dense()).values();
      for (int i = 0; i < values.length; i++) {
        assertThat(values[i]).isCloseTo(dense[i], within(EXACT));
      }
    }
  }

  @Property(tries = 40)
  void a_share_of_the_norm_needs_the_smallest_rank_that_keeps_it(
      @ForAll long seed, @ForAll @DoubleRange(min = 0.01, max = 1) double share) {
    try (var _ = Scope.open()) {
      LowRank.Decomposition all = update(new SplittableRandom(seed), 6, 6, 6).decompose();
      Assume.that(all.norm() > 0);
      int rank = all.rankOfShare(share);
      assertThat(kept(all, rank)).isGreaterThanOrEqualTo(Math.min(share, 1 - 1e-12));
      if (rank > 0) {
        assertThat(kept(all, rank - 1)).isLessThan(share);
      }
    }
  }

  @Test
  void zero_needs_no_rank() {
    try (var _ = Scope.open()) {
      LowRank zero = update(new SplittableRandom(1), 4, 3, 2).times(0);
      assertThat(zero.decompose().rankOfShare(0.9)).isZero();
      assertThat(zero.norm()).isZero();
    }
  }

  @Test
  void factors_that_do_not_fit_are_refused() {
    try (var _ = Scope.open()) {
      var random = new SplittableRandom(1);
      LowRank a = update(random, 4, 3, 2);
      LowRank b = update(random, 4, 5, 2);
      assertThatThrownBy(() -> a.plus(b))
          .hasMessage("sum of low-rank updates: got 4 x 3 and 4 x 5, expected equal sizes");
      assertThatThrownBy(() -> new LowRank(a.up(), a.up()))
          .hasMessageContaining("got factors of [4, 2] and [4, 2]");
    }
  }

  private static double kept(LowRank.Decomposition all, int rank) {
    double lost = all.tail(rank) / all.norm();
    return 1 - lost * lost;
  }

  private static double distance(LowRank a, LowRank b) {
    double[] left = a.dense().toDoubles();
    double[] right = b.dense().toDoubles();
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (left[i] - right[i]) * (left[i] - right[i]);
    }
    return Math.sqrt(sum);
  }

  static LowRank update(SplittableRandom random, int out, int in, int rank) {
    return new LowRank(matrix(random, out, rank), matrix(random, rank, in));
  }

  private static Tensor matrix(SplittableRandom random, int rows, int columns) {
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Tensor.of(values, rows, columns);
  }
}
