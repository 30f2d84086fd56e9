package dev.jlora.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a text ends is told by a file, or the file is refused: else no text would end. */
class SpecialIdsTest {
  @Test
  void a_text_ends_at_none_one_or_several_ids() {
    assertThat(SpecialIds.ends(config("null"))).isEmpty();
    assertThat(SpecialIds.ends(ModelConfig.of("config.json", Json.object("{}", "")))).isEmpty();
    assertThat(SpecialIds.ends(config("0"))).containsExactly(0);
    assertThat(SpecialIds.ends(config("[7, 9]"))).containsExactlyInAnyOrder(7, 9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "true", "\"x\"", "1e300", "0.5", "2147483648", "{}", "[null]", "[[1]]"})
  void what_is_no_id_is_told(String value) {
    assertThatThrownBy(() -> SpecialIds.ends(config(value)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("config.json: key 'eos_token_id' is ")
        .hasMessageContaining("expected an id of a token, or a list of such");
  }

  private static ModelConfig config(String value) {
    return ModelConfig.of("config.json", Json.object("{\"eos_token_id\": " + value + "}", ""));
  }
}
