package dev.jlora.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the decoders compute, held against {@link DecoderByHand}. */
class LlamaForwardTest {
  private static final int[] TEXT = {5, 9, 31, 3, 17, 22, 8, 39, 1, 12};

  static Stream<Arguments> variants() {
    return Stream.of(
        Arguments.of(LlamaVariant.LLAMA, ""),
        Arguments.of(LlamaVariant.LLAMA, "'attention_bias': true, 'mlp_bias': true"),
        Arguments.of(LlamaVariant.LLAMA, "'head_dim': 6"),
        Arguments.of(LlamaVariant.LLAMA, "'num_key_value_heads': 1, 'rms_norm_eps': 0.01"),
        Arguments.of(LlamaVariant.LLAMA, "'num_key_value_heads': 4"),
        Arguments.of(LlamaVariant.LLAMA, "'tie_word_embeddings': true"),
        Arguments.of(LlamaVariant.MISTRAL, ""),
        Arguments.of(LlamaVariant.MISTRAL, "'sliding_window': 4"),
        Arguments.of(LlamaVariant.QWEN2, ""),
        Arguments.of(
            LlamaVariant.QWEN2,
            "'use_sliding_window': true, 'sliding_window': 3, 'max_window_layers': 1"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("variants")
  void logits_are_those_of_the_published_equations(LlamaVariant variant, String more) {
    ObjectNode config = config(more);
    try (var _ = Scope.open();
        Network network = TinyLlama.language(variant, config)) {
      double[][] expected = byHand(config, network).logits(TEXT);
      float[] logits = logits(network, batch(null, TEXT));
      for (int i = 0; i < logits.length; i++) {
        double wanted = expected[i / TinyLlama.VOCABULARY][i % TinyLlama.VOCABULARY];
        assertThat((double) logits[i]).as("logit %d", i).isCloseTo(wanted, within(2e-5));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("variants")
  void gradients_are_the_slopes_of_the_published_equations(LlamaVariant variant, String more) {
    ObjectNode config = config(more);
    try (var _ = Scope.open();
        Network network = TinyLlama.language(variant, config);
        Tape tape = Tape.recording()) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      DecoderByHand byHand = byHand(config, network);
      Tensor logits = network.forward(batch(null, TEXT), ForwardContext.recording(tape)).logits();
      Tensor guesses =
          Functions.reshape(
              tape, Functions.slice(tape, logits, 1, 0, TEXT.length - 1), -1, logits.size(2));
      long[] next = IntStream.of(TEXT).skip(1).asLongStream().toArray();
      Tensor loss =
          Functions.crossEntropy(
              tape, guesses, Tensor.of(next, next.length), Functions.IGNORE_INDEX, 0);
      assertThat(loss.item()).isCloseTo(byHand.loss(TEXT), within(1e-5));
      try (var gradients = tape.backward(loss)) {
        for (Parameter parameter : network.parameters()) {
          float[] gradient = gradients.of(parameter.value()).toFloats();
          for (int i : List.of(0, gradient.length / 3, gradient.length - 1)) {
            assertThat((double) gradient[i])
                .as("%s[%d]", parameter.name(), i)
                .isCloseTo(slope(byHand, parameter.name(), i), within(1e-5));
          }
        }
      }
    }
  }

  private static double slope(DecoderByHand byHand, String name, int i) {
    double step = 1e-5;
    double[] weight = byHand.weights().get(name);
    double kept = weight[i];
    weight[i] = kept + step;
    double above = byHand.loss(TEXT);
    weight[i] = kept - step;
    double below = byHand.loss(TEXT);
    weight[i] = kept;
    return (above - below) / (2 * step);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("variants")
  void a_padded_row_is_what_it_is_alone(LlamaVariant variant, String more) {
    long[][] rows = {{5, 9, 31, 3, 17, 22}, {7, 8, 0, 0, 0, 0}, {0, 0, 0, 0, 7, 8}};
    long[][] masks = {{1, 1, 1, 1, 1, 1}, {1, 1, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 1}};
    long[][] places = {{0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}, {0, 0, 0, 0, 0, 1}};
    try (var _ = Scope.open();
        Network network = TinyLlama.language(variant, config(more))) {
      Map<String, Tensor> batch = new HashMap<>();
      batch.put("input_ids", matrix(rows));
      batch.put("attention_mask", matrix(masks));
      batch.put("position_ids", matrix(places));
      float[] together = logits(network, batch);
      assertPart(together, 0, logits(network, batch(null, 5, 9, 31, 3, 17, 22)));
      assertPart(together, 6, logits(network, batch(null, 7, 8)));
      assertPart(together, 16, logits(network, batch(null, 7, 8)));
      for (float logit : together) {
        assertThat(logit).isFinite();
      }
    }
  }

  @Test
  void positions_can_be_named() {
    try (var _ = Scope.open();
        Network network = TinyLlama.language(LlamaVariant.LLAMA, config(""))) {
      Map<String, Tensor> batch = batch(null, 5, 9, 31);
      float[] counted = logits(network, batch);
      batch.put("position_ids", Tensor.of(new long[] {20, 21, 22}, 1, 3));
      assertPart(logits(network, batch), 0, counted); // only distances matter
      batch.put("position_ids", Tensor.of(new long[] {20, 25, 30}, 1, 3));
      assertThat(logits(network, batch)).isNotEqualTo(counted);
    }
  }

  @Test
  void a_sequence_is_classified_at_its_last_token() {
    ObjectNode config = config("'num_labels': 3");
    for (LlamaVariant variant : LlamaVariant.values()) {
      try (var _ = Scope.open();
          Network network =
              TinyLlama.network(TinyLlama.declare(variant, config, variant.sequence()))) {
        double[] last = byHand(config, network).hidden(5, 9, 31)[2];
        double[] score = network.parameter("score.weight").value().toDoubles();
        float[] logits = logits(network, batch(null, 5, 9, 31));
        float[] padded = logits(network, batch(new long[] {1, 1, 1, 0, 0}, 5, 9, 31, 0, 0));
        assertThat(logits).hasSize(3);
        for (int label = 0; label < 3; label++) {
          double expected = 0;
          for (int i = 0; i < last.length; i++) {
            expected += score[label * last.length + i] * last[i];
          }
          assertThat((double) logits[label]).isCloseTo(expected, within(1e-5));
          assertThat((double) padded[label]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @Test
  void every_token_is_classified_by_a_head_with_a_bias() {
    ObjectNode config = config("'num_labels': 3");
    for (LlamaVariant variant : LlamaVariant.values()) {
      try (var _ = Scope.open();
          Network network =
              TinyLlama.network(TinyLlama.declare(variant, config, variant.token()))) {
        assertThat(network.parameter("score.bias").value().shape()).containsExactly(3);
        assertThat(logits(network, batch(null, 5, 9, 31))).hasSize(3 * 3);
      }
    }
  }

  @Test
  void sixteen_bits_stay_near_thirty_two() {
    try (var _ = Scope.open();
        Network network =
            Network.of(
                TinyLlama.declare(LlamaVariant.LLAMA, config(""), LlamaVariant.LLAMA.language()),
                TinyLlama.weights(),
                dev.jlora.tensor.DType.BFLOAT16)) {
      double[][] exact = byHand(config(""), network).logits(TEXT); // of the rounded weights
      float[] logits = logits(network, batch(null, TEXT));
      double differences = 0;
      for (int i = 0; i < logits.length; i++) {
        differences +=
            Math.abs(logits[i] - exact[i / TinyLlama.VOCABULARY][i % TinyLlama.VOCABULARY]);
      }
      assertThat(differences / logits.length).isBetween(1e-6, 0.02);
    }
  }

  @Test
  void leaves_no_tensor_behind() {
    long before = Tensor.live();
    try (Network network =
        TinyLlama.language(LlamaVariant.MISTRAL, config("'sliding_window': 3"))) {
      padded(network);
      long held = Tensor.live(); // with the frequencies, which the network keeps
      padded(network);
      assertThat(Tensor.live()).isEqualTo(held);
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  private static void padded(Network network) {
    try (var _ = Scope.open()) {
      logits(network, batch(new long[] {0, 0, 1, 1, 1, 1}, 0, 0, 4, 5, 6, 7));
    }
  }

  private static ObjectNode config(String more) {
    return TinyLlama.config(more);
  }

  private static DecoderByHand byHand(ObjectNode config, Network network) {
    int width = config.path("head_dim").asInt(4);
    return DecoderByHand.of(config, network, DecoderByHand.plain(width));
  }

  private static void assertPart(float[] all, int token, float[] part) {
    for (int i = 0; i < part.length; i++) {
      assertThat(all[token * TinyLlama.VOCABULARY + i]).isCloseTo(part[i], within(2e-5f));
    }
  }

  private static float[] logits(Network network, Map<String, Tensor> batch) {
    return network.forward(batch, ForwardContext.inference()).logits().toFloats();
  }

  private static Map<String, Tensor> batch(long[] mask, int... ids) {
    Map<String, Tensor> batch = new HashMap<>();
    batch.put("input_ids", Tensor.of(IntStream.of(ids).asLongStream().toArray(), 1, ids.length));
    if (mask != null) {
      batch.put("attention_mask", Tensor.of(mask, 1, mask.length));
    }
    return batch;
  }

  private static Tensor matrix(long[][] rows) {
    return Tensor.of(
        Stream.of(rows).flatMapToLong(java.util.Arrays::stream).toArray(),
        rows.length,
        rows[0].length);
  }
}
