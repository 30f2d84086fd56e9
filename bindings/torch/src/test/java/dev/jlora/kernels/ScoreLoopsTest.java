package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScoreLoopsTest {
  private static float[] exp(float... exponents) {
    int[] bits = new int[exponents.length];
    ScoreLoops.exp(exponents, 1, new float[exponents.length], bits, exponents.length);
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = Float.intBitsToFloat(bits[i]);
    }
    return values;
  }

  @Test
  void exponentials_are_right_to_two_units_in_the_last_place() {
    float[] exponents = new float[2_000_000];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = -87.3f * i / exponents.length;
    }
    float[] values = exp(exponents);
    double worst = 0;
    for (int i = 0; i < values.length; i++) {
      double exact = Math.exp(exponents[i]);
      worst = Math.max(worst, Math.abs(values[i] - exact) / Math.ulp((float) exact));
    }
    assertThat(worst).isLessThan(2.0);
  }

  @Test
  void the_ends_of_the_range_are_exact() {
    assertThat(exp(0f, -0f, -88f, -1e30f, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY))
        .containsExactly(1f, 1f, 0f, 0f, 0f, 0f);
  }

  @Test
  void rounding_may_put_an_exponent_above_zero() {
    assertThat((double) exp(1e-6f)[0])
        .isEqualTo(Math.exp(1e-6), org.assertj.core.api.Assertions.within(1e-7));
    assertThat((double) exp(0.1f)[0])
        .isEqualTo(Math.exp(0.1), org.assertj.core.api.Assertions.within(2e-7));
  }

  @Test
  void factor_and_shift_come_first() {
    int[] bits = new int[1];
    ScoreLoops.exp(new float[] {3}, 0.5f, new float[] {2.5f}, bits, 1);
    assertThat(Float.intBitsToFloat(bits[0])).isEqualTo((float) Math.exp(-1));
  }
}
