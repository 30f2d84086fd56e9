package dev.jlora.gpt.rope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.attention.RotaryFrequencies.Turning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Frequencies of heads of width 16. The numbers are those of transformers 5.12.1
 * (ROPE_INIT_FUNCTIONS, float32).
 */
class RopeTest {
  private static final int WIDTH = 16;
  private static final String SHORT = "[1, 1.25, 1.5, 2, 3, 4, 6, 8]";
  private static final String LONG = "[1.5, 2, 3, 4, 8, 16, 24, 32]";
  private static final String LONGROPE =
      "'rope_type': 'longrope', 'short_factor': %s, 'long_factor': %s".formatted(SHORT, LONG);

  @Test
  void without_scaling_only_the_base_counts() {
    double[] expected = {
      1,
      0.19392276,
      0.037606031,
      0.0072926651,
      0.0014142134,
      0.00027424819,
      5.3182957e-05,
      1.0313385e-05
    };
    assertTurning(rope("'rope_theta': 500000.0", 64), 10, 1, expected);
    assertTurning(rope("'rope_theta': 500000.0, 'rope_scaling': null", 64), 10, 1, expected);
    assertTurning(rope("'rope_parameters': {'rope_theta': 500000.0}", 64), 10, 1, expected);
    assertThat(rope("", 64).frequencies().of(1).pairs()[1])
        .isCloseTo(Math.pow(10000, -1.0 / 8), within(1e-15));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'rope_scaling': {'type': 'linear', 'factor': 2.5}",
        "'rope_scaling': {'rope_type': 'linear', 'type': 'linear', 'factor': 2.5}",
        "'rope_parameters': {'rope_type': 'linear', 'factor': 2.5, 'rope_theta': 10000}",
        "'rope_theta': 7, 'rope_parameters': {'type': 'linear', 'factor': 2.5, 'rope_theta': 1e4}",
        "'rope_scaling': {'type': 'linear', 'factor': 2.5}, 'rope_parameters': {'type': 'yarn'}"
      })
  void linear_slows_all_pairs_in_every_spelling(String config) {
    Rope rope = rope(config, 64);
    assertTurning(
        rope, 10, 1, 0.4, 0.1264911, 0.04, 0.012649111, 0.004, 0.0012649111, 0.0004, 0.00012649111);
    assertThat(rope.context()).isEqualTo(160);
  }

  @Test
  void dynamic_raises_the_base_with_the_length() {
    Rope rope = rope("'rope_scaling': {'rope_type': 'dynamic', 'factor': 3.0}", 64);
    assertTurning(
        rope,
        200,
        1,
        1,
        0.23770264,
        0.056502543,
        0.013430803,
        0.0031925375,
        0.00075887458,
        0.00018038647,
        4.2878339e-05);
    double[] plain = rope("", 64).frequencies().of(1).pairs();
    assertTurning(rope, 64, 1, plain);
    assertTurning(rope, 5, 1, plain);
    assertThat(rope.frequencies().fixed()).isFalse();
    assertThat(rope.context()).isEqualTo(192);
  }

  @Test
  void yarn_slows_what_turns_seldom_and_sharpens_attention() {
    String yarn = "'rope_type': 'yarn', 'factor': 4.0, 'original_max_position_embeddings': 512";
    Rope rope = rope("'rope_scaling': {%s, 'finetuned': true}".formatted(yarn), 2048);
    assertTurning(
        rope,
        10,
        1.138629436111989,
        1,
        0.25693506,
        0.0625,
        0.013834965,
        0.0025,
        0.00079056947,
        0.00025,
        7.9056947e-05);
    assertThat(rope.context()).isEqualTo(2048);
    String more =
        ", 'mscale': 0.7, 'mscale_all_dim': 1.2, 'beta_fast': 8, 'beta_slow': 2, 'truncate': false";
    assertTurning(
        rope("'rope_scaling': {%s}".formatted(yarn + more), 2048),
        10,
        0.9405715251010841,
        1,
        0.31622776,
        0.1,
        0.012241319,
        0.0025,
        0.00079056947,
        0.00025,
        7.9056947e-05);
    Rope strong = rope("'rope_scaling': {%s, 'attention_factor': 0.5}".formatted(yarn), 2048);
    assertThat(strong.frequencies().of(1).scale()).isEqualTo(0.5);
  }

  @Test
  void llama3_slows_low_frequencies_and_goes_over_smoothly() {
    assertTurning(
        rope(
            """
            'rope_theta': 500000.0, 'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0,
            'low_freq_factor': 1.0, 'high_freq_factor': 4.0,
            'original_max_position_embeddings': 512}
            """,
            4096),
        10,
        1,
        1,
        0.19392276,
        0.027344134,
        0.00091158313,
        0.00017677668,
        3.4281024e-05,
        6.6478697e-06,
        1.2891732e-06);
  }

  @Test
  void longrope_has_a_list_for_short_texts_and_one_for_long_ones() {
    Rope rope =
        rope(
            "'rope_scaling': {%s, 'factor': 4.0, 'original_max_position_embeddings': 16}"
                .formatted(LONGROPE),
            64);
    assertTurning(
        rope,
        16,
        1.224744871391589,
        1,
        0.25298223,
        0.06666667,
        0.015811389,
        0.0033333334,
        0.00079056947,
        0.00016666666,
        3.9528473e-05);
    assertTurning(
        rope,
        17,
        1.224744871391589,
        0.66666669,
        0.15811388,
        0.033333335,
        0.0079056947,
        0.00125,
        0.00019764237,
        4.1666666e-05,
        9.8821183e-06);
    Rope ratio =
        rope(
            "'original_max_position_embeddings': 16, 'rope_scaling': {%s}".formatted(LONGROPE), 64);
    assertThat(ratio.frequencies().of(17)).usingRecursiveComparison().isEqualTo(turning(rope, 17));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ntk", "su", "mrope", "proportional", "LINEAR"})
  void an_unknown_kind_is_refused_with_its_name_and_the_known_ones(String kind) {
    assertRefused(
        "'rope_scaling': {'type': '%s', 'factor': 2.0}".formatted(kind),
        "has the rope_type '%s', which is not known.".formatted(kind),
        "Known are default, linear, dynamic, yarn, longrope and llama3.",
        "config.json, rope_scaling");
  }

  @Test
  void what_would_be_ignored_is_refused() {
    assertRefused(
        "'rope_scaling': {'type': 'default', 'mrope_section': [16, 24, 24]}",
        "has the key 'mrope_section'");
    assertRefused(
        "'rope_parameters': {'full_attention': {'rope_type': 'default'}}",
        "has the key 'full_attention'");
    assertRefused("'partial_rotary_factor': 0.5", "partial_rotary_factor is 0.5");
    assertRefused("'rope_scaling': 'linear'", "key 'rope_scaling' is \"linear\"");
  }

  @Test
  void what_is_missing_or_out_of_range_is_named() {
    assertRefused("'rope_scaling': {'type': 'linear'}", "key 'factor' is missing");
    assertRefused("'rope_scaling': {'type': 'yarn'}", "key 'factor' is missing");
    assertRefused("'rope_scaling': {'type': 'linear', 'factor': -2}", "a factor of -2.0");
    assertRefused("'rope_theta': 0.5", "a rope_theta of 0.5, expected more than 1");
    assertRefused(
        "'rope_scaling': {'type': 'llama3', 'factor': 8, 'low_freq_factor': 4,"
            + " 'high_freq_factor': 4}",
        "a high_freq_factor of 4.0, expected more than low_freq_factor, 4.0");
    assertRefused(
        "'rope_scaling': {'type': 'longrope', 'factor': 4, 'short_factor': [1, 2],"
            + " 'long_factor': %s}".formatted(LONG),
        "a short_factor of 2 entries, expected a list of 8 numbers");
  }

  private static void assertTurning(Rope rope, long tokens, double scale, double... pairs) {
    Turning turning = turning(rope, tokens);
    assertThat(turning.scale()).isCloseTo(scale, within(1e-12));
    assertThat(turning.pairs()).hasSize(pairs.length);
    for (int i = 0; i < pairs.length; i++) {
      assertThat(turning.pairs()[i]).as("pair %d", i).isCloseTo(pairs[i], within(3e-7 * pairs[i]));
    }
  }

  private static Turning turning(Rope rope, long tokens) {
    return rope.frequencies().of(tokens);
  }

  private static void assertRefused(String config, String... parts) {
    assertThatThrownBy(() -> rope(config, 64))
        .isInstanceOf(FormatException.class)
        .hasMessageContainingAll(parts);
  }

  private static Rope rope(String config, int positions) {
    String json = "{" + config.replace('\'', '"') + "}";
    return Rope.of(
        ModelConfig.of("config.json", Json.object(json, "config.json")), WIDTH, positions);
  }
}
