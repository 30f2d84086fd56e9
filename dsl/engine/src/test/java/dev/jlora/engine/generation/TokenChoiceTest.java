package dev.jlora.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.spec.SpecException;
import org.junit.jupiter.api.Test;

/** How the next token is chosen. */
class TokenChoiceTest {
  private static final float[] LOGITS = {
    (float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)
  };

  @Test
  void temperature_zero_takes_the_likeliest() {
    assertThat(choice(GenerationSettings.greedy(1)).next(LOGITS.clone())).isZero();
  }

  @Test
  void draws_by_probability() {
    double[] shares = shares(GenerationSettings.sampled(1, 1, 3));
    assertThat(shares[0]).isCloseTo(0.5, within(0.02));
    assertThat(shares[1]).isCloseTo(0.3, within(0.02));
    assertThat(shares[2]).isCloseTo(0.15, within(0.02));
    assertThat(shares[3]).isCloseTo(0.05, within(0.02));
  }

  @Test
  void a_lower_temperature_sharpens() {
    double[] shares = shares(GenerationSettings.sampled(1, 0.5, 3));
    double sum = 0.25 + 0.09 + 0.0225 + 0.0025;
    assertThat(shares[0]).isCloseTo(0.25 / sum, within(0.02));
    assertThat(shares[1]).isCloseTo(0.09 / sum, within(0.02));
  }

  @Test
  void top_k_draws_from_so_many() {
    double[] shares = shares(GenerationSettings.sampled(1, 1, 3).withTopK(2));
    assertThat(shares[0]).isCloseTo(0.625, within(0.02));
    assertThat(shares[1]).isCloseTo(0.375, within(0.02));
    assertThat(shares[2] + shares[3]).isZero();
  }

  @Test
  void top_p_draws_from_the_fewest_that_reach_it() {
    double[] shares = shares(GenerationSettings.sampled(1, 1, 3).withTopP(0.75));
    assertThat(shares[0]).isCloseTo(0.625, within(0.02));
    assertThat(shares[2] + shares[3]).isZero();
    assertThat(shares(GenerationSettings.sampled(1, 1, 3).withTopP(0.4))[0])
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void the_penalty_is_on_tokens_of_the_prompt_and_of_the_answer() {
    GenerationSettings settings = GenerationSettings.greedy(9).withRepetitionPenalty(10);
    TokenChoice choice = new TokenChoice(settings, 0, new int[] {1});
    float[] logits = {2, 3, 1.9f, -1};
    assertThat(choice.next(logits.clone())).isZero();
    assertThat(choice.next(logits.clone())).isEqualTo(2);
    float[] negative = {-1, -1, -1, -2};
    assertThat(choice.next(negative.clone())).isEqualTo(3);
  }

  @Test
  void the_same_seed_draws_the_same() {
    GenerationSettings settings = GenerationSettings.sampled(1, 1, 11);
    TokenChoice one = choice(settings);
    TokenChoice other = choice(settings);
    for (int i = 0; i < 50; i++) {
      assertThat(one.next(LOGITS.clone())).isEqualTo(other.next(LOGITS.clone()));
    }
  }

  @Test
  void what_makes_no_sense_is_refused_all_at_once() {
    assertThatThrownBy(() -> GenerationSettings.sampled(0, -1, 0).withTopP(2))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("max_new_tokens: got 0")
        .hasMessageContaining("temperature: got -1.0");
    assertThatThrownBy(() -> GenerationSettings.greedy(1).withTopP(2))
        .hasMessageContaining("top_p: got 2.0");
  }

  private static TokenChoice choice(GenerationSettings settings) {
    return new TokenChoice(settings, 0, new int[0]);
  }

  private static double[] shares(GenerationSettings settings) {
    TokenChoice choice = choice(settings);
    int draws = 10_000;
    double[] shares = new double[LOGITS.length];
    for (int i = 0; i < draws; i++) {
      shares[choice.next(LOGITS.clone())] += 1.0 / draws;
    }
    return shares;
  }
}
