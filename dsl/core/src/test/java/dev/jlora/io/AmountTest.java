package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AmountTest {

  @Test
  void one_thing_is_singular_and_large_counts_are_grouped() {
    assertThat(Amount.of(1, "step")).isEqualTo("1 step");
    assertThat(Amount.of(0, "step")).isEqualTo("0 steps");
    assertThat(Amount.of(20480, "row")).isEqualTo("20,480 rows");
    assertThat(Amount.of(1, "module gets", "modules get")).isEqualTo("1 module gets");
  }
}
