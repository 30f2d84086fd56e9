package dev.jlora.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.generation.SpecialIds;
import dev.jlora.engine.generation.TokenGenerator;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Going on with tokens: positions, padding, shared heads and windows with a cache. */
class LlamaGenerationTest {
  private static final List<int[]> PROMPTS =
      List.of(new int[] {5, 9, 11, 3}, new int[] {7}, new int[] {2, 2, 8, 30, 31, 6, 1, 12, 13});

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of(LlamaVariant.LLAMA, ""),
        Arguments.of(LlamaVariant.LLAMA, "'num_key_value_heads': 4"),
        Arguments.of(LlamaVariant.LLAMA, "'num_key_value_heads': 1, 'head_dim': 6"),
        Arguments.of(
            LlamaVariant.LLAMA,
            "'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,"
                + " 'high_freq_factor': 4.0, 'original_max_position_embeddings': 16}"),
        Arguments.of(LlamaVariant.MISTRAL, "'sliding_window': 5"),
        Arguments.of(
            LlamaVariant.QWEN2,
            "'use_sliding_window': true, 'sliding_window': 4, 'max_window_layers': 1"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("models")
  void the_cache_changes_no_token(LlamaVariant variant, String more) {
    try (Network network = TinyLlama.language(variant, TinyLlama.config(more))) {
      TokenGenerator generator = generator(network);
      for (GenerationSettings settings :
          List.of(
              GenerationSettings.greedy(20),
              GenerationSettings.sampled(20, 1.5, 4).withTopK(20).withTopP(0.9))) {
        assertSame(
            generator.generate(PROMPTS, settings),
            generator.generate(PROMPTS, settings.withoutCache()));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("models")
  void a_row_gets_what_it_would_get_alone(LlamaVariant variant, String more) {
    try (Network network = TinyLlama.language(variant, TinyLlama.config(more))) {
      TokenGenerator generator = generator(network);
      GenerationSettings settings = GenerationSettings.greedy(20).withRepetitionPenalty(1.2);
      List<int[]> alone = new ArrayList<>();
      for (int[] prompt : PROMPTS) {
        alone.add(generator.generate(List.of(prompt), settings).getFirst());
      }
      assertSame(generator.generate(PROMPTS, settings), alone);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("models")
  void a_cache_takes_several_tokens_at_a_time(LlamaVariant variant, String more) {
    long[] ids = {5, 9, 11, 3, 8, 20, 1, 17};
    try (var _ = Scope.open();
        Network network = TinyLlama.language(variant, TinyLlama.config(more));
        KeyValueCache cache = new KeyValueCache(ids.length)) {
      float[] whole = logits(network, ForwardContext.inference(), ids);
      logits(network, ForwardContext.inference().withCache(cache), 5, 9);
      logits(network, ForwardContext.inference().withCache(cache), 11);
      float[] rest = logits(network, ForwardContext.inference().withCache(cache), 3, 8, 20, 1, 17);
      for (int i = 0; i < rest.length; i++) {
        assertThat(rest[i]).isCloseTo(whole[3 * TinyLlama.VOCABULARY + i], within(2e-5f));
      }
    }
  }

  @Test
  void a_cache_holds_one_copy_for_heads_that_share() {
    long shared = cacheBytes("'num_key_value_heads': 1");
    long own = cacheBytes("'num_key_value_heads': 4");
    assertThat(own).isEqualTo(4 * shared);
  }

  private static long cacheBytes(String more) {
    try (var _ = Scope.open();
        Network network = TinyLlama.language(LlamaVariant.LLAMA, TinyLlama.config(more));
        KeyValueCache cache = new KeyValueCache(32)) {
      logits(network, ForwardContext.inference(), 5, 9); // the network keeps what every pass needs
      long before = Tensor.liveBytes();
      try (var _ = Scope.open()) {
        logits(network, ForwardContext.inference().withCache(cache), 5, 9);
      }
      return Tensor.liveBytes() - before;
    }
  }

  @Test
  void angles_that_grow_with_the_length_are_those_of_the_whole_text() {
    String dynamic =
        "'max_position_embeddings': 4, 'rope_scaling': {'type': 'dynamic', 'factor': 8.0}";
    try (var _ = Scope.open();
        Network network = TinyLlama.language(LlamaVariant.LLAMA, TinyLlama.config(dynamic))) {
      double base = 10000 * Math.pow(8.0 * 6 / 4 - 7, 2); // d / (d - 2) = 2 for heads of 4
      DecoderByHand.Turning turning =
          (position, pair) -> position * Math.pow(base, -2.0 * pair / 4);
      double[][] expected =
          DecoderByHand.of(TinyLlama.config(dynamic), network, turning).logits(5, 9, 11, 3, 8, 20);
      float[] logits = logits(network, ForwardContext.inference(), 5, 9, 11, 3, 8, 20);
      for (int i = 0; i < logits.length; i++) {
        assertThat((double) logits[i])
            .isCloseTo(expected[i / TinyLlama.VOCABULARY][i % TinyLlama.VOCABULARY], within(2e-5));
      }
    }
  }

  @Test
  void leaves_no_tensor_behind() {
    try (Network network =
        TinyLlama.language(LlamaVariant.MISTRAL, TinyLlama.config("'sliding_window': 3"))) {
      generator(network).generate(PROMPTS, GenerationSettings.greedy(5));
      long kept = Tensor.live(); // with what every pass of this network needs
      generator(network).generate(PROMPTS, GenerationSettings.greedy(5));
      assertThat(Tensor.live()).isEqualTo(kept);
    }
  }

  private static TokenGenerator generator(Network network) {
    return new TokenGenerator(network, new SpecialIds(Set.of(), 0));
  }

  private static float[] logits(Network network, ForwardContext pass, long... ids) {
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
