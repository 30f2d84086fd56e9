package dev.jlora.tasks.metrics;

import static dev.jlora.tasks.metrics.Figures.assertValue;
import static dev.jlora.tasks.metrics.Figures.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.spi.Predictions;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Expected values are worked out by hand from the confusion matrices in the comments. */
class MetricsTest {

  // expected 1: 2 right, 1 said 0; expected 0: 3 right, 2 said 1
  private static final Predictions TWO =
      new Predictions.Classes(
          2, new int[] {1, 1, 0, 0, 0, 0, 1, 1}, new int[] {1, 1, 1, 0, 0, 0, 0, 0});

  // rows expected, columns said: 0 -> [1, 1, 0], 1 -> [0, 2, 0], 2 -> [1, 0, 1]; class 3 is absent
  private static final Predictions THREE_OF_FOUR =
      new Predictions.Classes(4, new int[] {0, 1, 1, 1, 0, 2}, new int[] {0, 0, 1, 1, 2, 2});

  private static final Predictions LABELS =
      new Predictions.Labels(
          2,
          new boolean[][] {{true, false}, {true, true}},
          new boolean[][] {{true, false}, {false, true}});

  private static final Predictions FOUR_LABELS =
      new Predictions.Labels(
          4,
          new boolean[][] {{true, true, true, false}, {false, false, true, false}},
          new boolean[][] {{true, false, true, false}, {true, false, true, false}});

  @Test
  void accuracy_is_the_share_that_is_right() {
    assertValue("accuracy", TWO, 5 / 8.0);
    assertValue("accuracy", THREE_OF_FOUR, 4 / 6.0);
    assertValue("accuracy", LABELS, 0.5);
  }

  @Test
  void binary_figures_are_those_of_class_one() {
    assertValue("precision", TWO, 2 / 4.0);
    assertValue("recall", TWO, 2 / 3.0);
    assertValue("f1", TWO, 4 / 7.0);
  }

  @Test
  void a_macro_average_leaves_out_a_class_that_does_not_occur() {
    assertValue("f1_macro", THREE_OF_FOUR, (0.5 + 0.8 + 2 / 3.0) / 3);
    assertValue("precision_macro", THREE_OF_FOUR, (0.5 + 2 / 3.0 + 1) / 3);
    assertValue("recall_macro", THREE_OF_FOUR, (0.5 + 1 + 0.5) / 3);
  }

  /**
   * scikit-learn takes all columns of an indicator matrix, and those without a case as 0. The first
   * is its f1_score([[0,0,0],[1,0,0]], the same, average="macro", zero_division=0), 1/3; in the
   * second, label 0 has 1 hit and 1 miss, label 1 one false alarm, label 2 two hits, label 3 none.
   */
  @Test
  void a_macro_average_of_several_labels_is_over_all_of_them() {
    boolean[][] one = {{false, false, false}, {true, false, false}};
    for (String name : List.of("f1_macro", "precision_macro", "recall_macro")) {
      assertValue(name, new Predictions.Labels(3, one, one), 1 / 3.0);
    }
    assertValue("f1_macro", FOUR_LABELS, (2 / 3.0 + 0 + 1 + 0) / 4);
    assertValue("precision_macro", FOUR_LABELS, (1 + 0 + 1 + 0) / 4.0);
    assertValue("recall_macro", FOUR_LABELS, (0.5 + 0 + 1 + 0) / 4);
  }

  /**
   * Weights are how often a class is expected: 2, 2, 2 of the classes, 2, 0, 2, 0 of the labels.
   */
  @Test
  void a_weighted_average_counts_a_class_as_often_as_it_is_expected() {
    assertValue("f1_weighted", THREE_OF_FOUR, (2 * 0.5 + 2 * 0.8 + 2 * 2 / 3.0) / 6);
    // class 0: 5 expected, precision 3/4, recall 3/5; class 1: 3 expected, 2/4 and 2/3
    assertValue("precision_weighted", TWO, (5 * 3 / 4.0 + 3 * 2 / 4.0) / 8);
    assertValue("recall_weighted", TWO, 5 / 8.0);
    assertValue("f1_weighted", TWO, (5 * 6 / 9.0 + 3 * 4 / 7.0) / 8);
    assertValue("f1_weighted", FOUR_LABELS, (2 * 2 / 3.0 + 2 * 1) / 4);
    assertValue("precision_weighted", FOUR_LABELS, 1);
    assertValue("recall_weighted", FOUR_LABELS, (2 * 0.5 + 2 * 1) / 4);
    var nothing = new Predictions.Labels(1, new boolean[][] {{true}}, new boolean[][] {{false}});
    assertValue("f1_weighted", nothing, 0);
  }

  @Test
  void several_labels_are_pooled_by_the_micro_average() {
    assertValue("f1_micro", LABELS, 4 / 5.0);
    assertValue("precision_micro", LABELS, 2 / 3.0);
    assertValue("recall_micro", LABELS, 1);
  }

  @Test
  void matthews_agrees_with_the_two_class_formula() {
    assertValue("matthews", TWO, (2 * 3 - 2 * 1) / Math.sqrt(4.0 * 3 * 5 * 4));
  }

  @Test
  void matthews_of_a_constant_answer_is_zero() {
    assertValue("matthews", new Predictions.Classes(2, new int[] {1, 1}, new int[] {0, 1}), 0);
  }

  @Test
  void squared_errors_are_averaged() {
    var values = new Predictions.Values(new double[] {1, 2.5}, new double[] {0, 2});
    assertValue("mse", values, 0.625);
    assertThat(metric("mse").largerIsBetter()).isFalse();
  }

  @Test
  void correlations_are_those_of_values_and_of_ranks() {
    var line = new Predictions.Values(new double[] {1, 2, 3, 10}, new double[] {2, 4, 6, 8});
    // deviations -3 -2 -1 6 and -3 -1 1 3: products 9 + 2 - 1 + 18, squares 50 and 20
    assertValue("pearson", line, 28 / Math.sqrt(50 * 20));
    assertValue("spearman", line, 1);
    var tied = new Predictions.Values(new double[] {1, 1, 2}, new double[] {3, 1, 2});
    // ranks 1.5 1.5 3 and 3 1 2: deviations -0.5 -0.5 1 and 1 -1 0
    assertValue("spearman", tied, 0);
    assertValue("pearson", new Predictions.Values(new double[] {5, 5}, new double[] {1, 2}), 0);
  }

  @Test
  void perplexity_is_e_to_the_loss() {
    assertThat(metric("perplexity").value(TWO, Math.log(7))).isCloseTo(7, within(1e-12));
  }

  @Test
  void a_metric_says_what_it_does_not_fit() {
    assertThat(metric("f1").fits(THREE_OF_FOUR)).isFalse();
    assertThat(metric("mse").fits(TWO)).isFalse();
    assertThat(metric("accuracy").fits(new Predictions.Values(new double[0], new double[0])))
        .isFalse();
  }

  @Test
  void the_right_class_counts_among_the_likeliest_five() {
    int[] none = new int[4];
    assertValue(
        "top_5_accuracy", new Predictions.Classes(9, none, none, new int[] {0, 4, 5, 8}), 0.5);
    assertThat(metric("top_5_accuracy").fits(new Predictions.Classes(9, none, none))).isFalse();
  }

  @Property
  void figures_of_classes_keep_their_bounds_and_are_1_where_all_is_right(
      @ForAll @Size(20) List<@IntRange(max = 1) Integer> predicted,
      @ForAll @Size(20) List<@IntRange(max = 1) Integer> expected) {
    var judged = new Predictions.Classes(2, ints(predicted), ints(expected));
    var perfect = new Predictions.Classes(2, ints(expected), ints(expected), new int[20]);
    for (String name :
        List.of("accuracy", "f1_macro", "f1_micro", "precision_macro", "recall_macro")) {
      assertThat(metric(name).value(judged, 0)).as(name).isBetween(0.0, 1.0);
      assertValue(name, perfect, 1);
    }
    assertThat(metric("matthews").value(judged, 0)).isBetween(-1.0 - 1e-12, 1.0 + 1e-12);
    assertValue("top_5_accuracy", perfect, 1);
  }

  @Property
  void correlations_lie_between_minus_1_and_1(
      @ForAll @Size(8) List<@IntRange(min = -9, max = 9) Integer> predicted,
      @ForAll @Size(8) List<@IntRange(min = -9, max = 9) Integer> expected) {
    var judged = new Predictions.Values(doubles(predicted), doubles(expected));
    var perfect = new Predictions.Values(doubles(expected), doubles(expected));
    boolean varies = expected.stream().distinct().count() > 1;
    for (String name : List.of("pearson", "spearman")) {
      assertThat(metric(name).value(judged, 0)).as(name).isBetween(-1.0, 1.0);
      assertValue(name, perfect, varies ? 1 : 0);
    }
  }

  private static double[] doubles(List<Integer> values) {
    return values.stream().mapToDouble(Integer::doubleValue).toArray();
  }

  @Property
  void micro_f1_of_single_classes_is_the_accuracy(
      @ForAll @Size(20) List<@IntRange(max = 3) Integer> predicted,
      @ForAll @Size(20) List<@IntRange(max = 3) Integer> expected) {
    var judged = new Predictions.Classes(4, ints(predicted), ints(expected));
    assertThat(metric("f1_micro").value(judged, 0))
        .isCloseTo(metric("accuracy").value(judged, 0), within(1e-12));
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
