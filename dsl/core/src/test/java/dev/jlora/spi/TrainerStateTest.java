package dev.jlora.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which evaluation is a gain: never one whose figure is not a number. */
class TrainerStateTest {

  @Test
  void a_figure_that_is_not_finite_is_never_the_best() {
    TrainerState state = after(false, Double.NaN, Double.POSITIVE_INFINITY, 0.5, Double.NaN, 0.4);
    assertThat(state.bestMetric()).isEqualTo(0.4);
    assertThat(state.bestStep()).isEqualTo(5);
    assertThat(after(false, Double.NaN, Double.NaN).bestStep()).isNull();
    assertThat(after(false, Double.NaN, Double.NaN).evaluationsWithoutGain()).isEqualTo(2);
    assertThat(after(true, 0.5, Double.NaN, 0.4).bestStep()).isEqualTo(1);
  }

  /** Checkpoints that older versions wrote may hold NaN as the best. */
  @Test
  void a_saved_best_that_is_not_a_number_is_surpassed_by_any() {
    var old = new TrainerState(1, 1, 9, Double.NaN, 1L, 0, List.of());
    assertThat(old.at(2, 2).judged(7, false, 0).bestStep()).isEqualTo(2);
  }

  @Test
  void a_gain_has_to_exceed_the_threshold() {
    TrainerState state = TrainerState.start(9).at(1, 1).judged(1, false, 0.5);
    assertThat(state.at(2, 2).judged(0.6, false, 0.5).bestStep()).isEqualTo(1);
    assertThat(state.at(2, 2).judged(0.4, false, 0.5).bestStep()).isEqualTo(2);
  }

  private static TrainerState after(boolean largerIsBetter, double... values) {
    TrainerState state = TrainerState.start(9);
    for (int i = 0; i < values.length; i++) {
      state = state.at(i + 1, 1).judged(values[i], largerIsBetter, 0);
    }
    return state;
  }
}
