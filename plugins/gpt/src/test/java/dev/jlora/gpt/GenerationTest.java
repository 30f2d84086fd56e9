package dev.jlora.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.generation.SpecialIds;
import dev.jlora.engine.generation.TokenGenerator;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Going on with tokens. */
class GenerationTest {
  private static final int CONTEXT = 48;
  private static final List<int[]> PROMPTS =
      List.of(new int[] {5, 9, 11, 3}, new int[] {7}, new int[] {2, 2, 8, 30, 41, 6, 1, 12, 13});

  private final Network network = Gpt2.random(CONTEXT, 60);
  private final TokenGenerator generator = new TokenGenerator(network, new SpecialIds(Set.of(), 0));

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void the_cache_changes_no_token() {
    for (GenerationSettings settings :
        List.of(
            GenerationSettings.greedy(30),
            GenerationSettings.greedy(30).withRepetitionPenalty(1.3),
            GenerationSettings.sampled(30, 1.5, 4).withTopK(20).withTopP(0.9))) {
      assertSame(
          generator.generate(PROMPTS, settings),
          generator.generate(PROMPTS, settings.withoutCache()));
    }
  }

  @Test
  void a_row_gets_what_it_would_get_alone() {
    GenerationSettings settings = GenerationSettings.greedy(20).withRepetitionPenalty(1.2);
    List<int[]> together = generator.generate(PROMPTS, settings);
    List<int[]> alone = new ArrayList<>();
    for (int[] prompt : PROMPTS) {
      alone.add(generator.generate(List.of(prompt), settings).getFirst());
    }
    assertSame(together, alone);
  }

  @Test
  void a_seed_draws_the_same_again_and_another_seed_something_else() {
    var settings = GenerationSettings.sampled(25, 2, 7);
    List<int[]> first = generator.generate(PROMPTS, settings);
    assertSame(first, generator.generate(PROMPTS, settings));
    assertThat(generator.generate(PROMPTS, GenerationSettings.sampled(25, 2, 8)).getFirst())
        .isNotEqualTo(first.getFirst());
  }

  @Test
  void an_end_token_ends_its_row_alone_and_is_not_handed_out() {
    List<int[]> free = generator.generate(PROMPTS, GenerationSettings.sampled(25, 2, 7));
    int end = free.get(1)[3];
    int first = IntStream.range(0, 4).filter(i -> free.get(1)[i] == end).findFirst().orElseThrow();
    var ending = new TokenGenerator(network, new SpecialIds(Set.of(end), 0));
    var made = ending.continuations(PROMPTS, GenerationSettings.sampled(25, 2, 7), (_, _) -> true);
    assertThat(made.get(1).ended()).isTrue();
    assertThat(made.get(1).ids()).containsExactly(java.util.Arrays.copyOf(free.get(1), first));
    assertThat(made).anyMatch(one -> one.ids().length > first);
  }

  @Test
  void a_listener_hears_every_token_and_may_end_a_row() {
    List<Integer> heard = new ArrayList<>();
    List<int[]> made =
        generator.generate(
            PROMPTS,
            GenerationSettings.greedy(9),
            (row, id) -> {
              if (row == 0) {
                heard.add(id);
              }
              return row != 0 || heard.size() < 4;
            });
    assertThat(made.get(0)).hasSize(4);
    assertThat(made.get(0)).containsExactly(heard.stream().mapToInt(i -> i).toArray());
    assertThat(made.get(1)).hasSize(9);
  }

  @Test
  void it_ends_where_the_context_is_full() {
    assertThat(generator.generate(PROMPTS, GenerationSettings.greedy(500)).getFirst())
        .hasSize(CONTEXT - 9 + 1);
    int[] full = IntStream.range(0, CONTEXT).toArray();
    assertThat(generator.generate(List.of(full), GenerationSettings.greedy(5)).getFirst())
        .hasSize(1);
  }

  @Test
  void a_prompt_that_does_not_fit_is_refused_with_both_lengths() {
    int[] long_ = new int[CONTEXT + 1];
    assertThatThrownBy(
            () -> generator.generate(List.of(PROMPTS.get(0), long_), GenerationSettings.greedy(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prompt 2: got 49 tokens, expected 48 at the most, which is the model's context:"
                + " shorten the prompt");
    assertThatThrownBy(() -> generator.generate(List.of(new int[0]), GenerationSettings.greedy(1)))
        .hasMessageContaining("prompt 1: got no token");
    assertThatThrownBy(
            () -> generator.generate(List.of(new int[] {60}), GenerationSettings.greedy(1)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("got id 60, expected 0 to 59");
  }

  @Test
  void a_cache_takes_several_tokens_at_a_time() {
    long[] ids = {5, 9, 11, 3, 8, 20};
    try (var _ = Scope.open();
        KeyValueCache cache = new KeyValueCache(8)) {
      float[] whole = logits(ForwardContext.inference(), ids);
      logits(ForwardContext.inference().withCache(cache), 5, 9);
      logits(ForwardContext.inference().withCache(cache), 11);
      float[] rest = logits(ForwardContext.inference().withCache(cache), 3, 8, 20);
      assertThat(cache.length()).isEqualTo(6);
      for (int i = 0; i < rest.length; i++) {
        assertThat(rest[i])
            .isCloseTo(whole[3 * 60 + i], org.assertj.core.api.Assertions.within(1e-5f));
      }
      assertThatThrownBy(() -> logits(ForwardContext.inference().withCache(cache), 1, 2, 3))
          .hasMessageContaining("cache: got 9 tokens, expected 8 at the most");
    }
  }

  @Test
  void leaves_no_tensor_behind() {
    long before = Tensor.live();
    generator.generate(PROMPTS, GenerationSettings.greedy(5));
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private float[] logits(ForwardContext pass, long... ids) {
    return network
        .forward(Map.of("input_ids", Tensor.of(ids, 1, ids.length)), pass)
        .logits()
        .toFloats();
  }

  private static void assertSame(List<int[]> actual, List<int[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("row %d", i).containsExactly(expected.get(i));
    }
  }
}
