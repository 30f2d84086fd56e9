package dev.jlora.optimizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.spi.Schedule;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The expected rates are those that transformers 5.12 gave for the same warm-up and length. */
class SchedulesTest {

  @Test
  void linear_rises_through_the_warm_up_and_falls_to_zero() {
    assertThat(rates(Schedules.LINEAR.create(2, 8), 0.005, 9))
        .containsExactly(
            new double[] {
              0,
              0.0025,
              0.005,
              0.004166666666666667,
              0.003333333333333333,
              0.0025,
              0.0016666666666666666,
              0.0008333333333333333,
              0
            },
            within(1e-15));
  }

  @Test
  void cosine_is_half_way_down_in_the_middle() {
    Schedule schedule = Schedules.COSINE.create(2, 8);
    assertThat(schedule.factor(2)).isEqualTo(1);
    assertThat(schedule.factor(5)).isCloseTo(0.5, within(1e-15));
    assertThat(schedule.factor(6)).isCloseTo(0.25, within(1e-15));
    assertThat(schedule.factor(8)).isCloseTo(0, within(1e-15));
  }

  @Test
  void constant_stays_after_its_warm_up() {
    assertThat(rates(Schedules.CONSTANT.create(2, 8), 1, 5))
        .containsExactly(0.0, 0.5, 1.0, 1.0, 1.0);
    assertThat(Schedules.CONSTANT.create(0, 8).factor(0)).isEqualTo(1);
  }

  @Test
  void never_goes_below_zero_past_the_end() {
    assertThat(Schedules.LINEAR.create(0, 4).factor(9)).isZero();
  }

  @Test
  void a_negative_length_is_refused() {
    assertThatThrownBy(() -> Schedules.LINEAR.create(-1, 4)).hasMessageContaining("-1 warm-up");
  }

  private static double[] rates(Schedule schedule, double base, int steps) {
    return LongStream.range(0, steps).mapToDouble(s -> base * schedule.factor(s)).toArray();
  }
}
