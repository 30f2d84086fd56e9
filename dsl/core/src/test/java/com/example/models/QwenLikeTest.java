package com.example.models;

import static com.example.models.ByHand.attention;
import static com.example.models.ByHand.gated;
import static com.example.models.ByHand.perHead;
import static com.example.models.ByHand.perToken;
import static com.example.models.ByHand.rotated;
import static com.example.models.ByHand.sum;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.gatedFeedForward;
import static dev.jlora.model.layers.Layers.heads;
import static dev.jlora.model.layers.Layers.linearWithoutBias;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.rmsNorm;
import static dev.jlora.model.layers.Layers.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.attention.RotaryFrequencies;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder like Qwen3, declared with jlora's public layers alone: norms of queries and keys per
 * head, rotary positions, grouped heads wider than the hidden state, a window in every other layer.
 */
class QwenLikeTest {
  private static final int WIDTH = 16;
  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int HEAD = 8;
  private static final int LAYERS = 3;
  private static final int INNER = 20;
  private static final int WINDOW = 6;
  private static final double THETA = 1000;
  private static final double EPSILON = 1e-6;

  private long live;

  @BeforeEach
  void count() {
    live = Tensor.live();
  }

  @AfterEach
  void nothing_leaks() {
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT64, false, false, false",
    "FLOAT64, true, true, false",
    "FLOAT64, false, false, true",
    "FLOAT32, false, false, false",
    "FLOAT32, true, false, false",
    "FLOAT32, false, true, false",
    "FLOAT32, true, true, true"
  })
  void logits_are_those_of_the_equations(
      DType dtype, boolean left, boolean unpadded, boolean ownKind) {
    try (Network network = Rows.network(model(ownKind), dtype)) {
      ForwardContext pass = ForwardContext.inference();
      new Rows(left)
          .compare(
              network,
              unpadded ? pass.withoutPadding() : pass,
              (ids, visible) -> logits(ByHand.of(network), ids, visible),
              dtype == DType.FLOAT64 ? 1e-10 : 5e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradients_are_those_of_differences(boolean ownKind) {
    Rows rows = new Rows(false);
    try (Network network = Rows.network(model(ownKind), DType.FLOAT64)) {
      Map<String, double[]> padded = rows.gradients(network, false);
      Map<String, double[]> unpadded = rows.gradients(network, true);
      assertThat(padded).containsKey("layers.1.self_attn.k_norm.weight").hasSize(3 + 11 * LAYERS);
      padded.forEach(
          (name, gradient) ->
              assertThat(unpadded.get(name)).as(name).containsExactly(gradient, within(1e-10)));
      rows.compareWithDifferences(network, padded);
    }
  }

  @Test
  void unpadded_gradients_in_single_precision_are_those_of_the_whole_batch() {
    try (Network network = Rows.network(model(false), DType.FLOAT32)) {
      Map<String, double[]> unpadded = new Rows(true).gradients(network, true);
      new Rows(true)
          .gradients(network, false)
          .forEach(
              (name, gradient) ->
                  assertThat(unpadded.get(name)).as(name).containsExactly(gradient, within(2e-4)));
    }
  }

  /** A prompt, then tokens one by one and three at once: far more than the window. */
  @ParameterizedTest
  @CsvSource({"FLOAT64, false", "FLOAT64, true", "FLOAT32, false"})
  void a_cache_changes_nothing(DType dtype, boolean ownKind) {
    int[] lengths = {9, 14};
    int total = 14 + 1 + 1 + 3 + 1 + 1;
    int[][] ids = new int[2][];
    Arrays.setAll(ids, row -> new Random(row).ints(total, 0, Rows.WORDS).toArray());
    long[] mask = new long[2 * total];
    Arrays.setAll(mask, i -> i % total >= 14 - lengths[i / total] ? 1 : 0);
    try (Network network = Rows.network(model(ownKind), dtype);
        KeyValueCache cache = new KeyValueCache(total)) {
      assertThat(network.takesCache()).isTrue();
      ByHand hand = ByHand.of(network);
      double[][][] expected = new double[2][][];
      for (int row = 0; row < 2; row++) {
        int[] own = Arrays.copyOfRange(ids[row], 14 - lengths[row], total);
        boolean[] visible = new boolean[own.length];
        Arrays.fill(visible, true);
        expected[row] = logits(hand, own, visible);
      }
      int past = 0;
      for (int tokens : new int[] {14, 1, 1, 3, 1, 1}) {
        int end = past + tokens;
        double[] found = pass(network, cache, ids, mask, past, end);
        for (int row = 0; row < 2; row++) {
          int at = (row * tokens + tokens - 1) * Rows.WORDS;
          assertThat(Arrays.copyOfRange(found, at, at + Rows.WORDS))
              .as("row %d, after %d tokens", row, end)
              .containsExactly(
                  expected[row][end - 1 - (14 - lengths[row])],
                  within(dtype == DType.FLOAT64 ? 1e-10 : 5e-5));
        }
        past = end;
      }
    }
  }

  private static double[] pass(
      Network network, KeyValueCache cache, int[][] ids, long[] mask, int past, int end) {
    try (var _ = Scope.open()) {
      int total = ids[0].length;
      int tokens = end - past;
      long[] some = new long[2 * tokens];
      long[] seen = new long[2 * end];
      Arrays.setAll(some, i -> ids[i / tokens][past + i % tokens]);
      Arrays.setAll(seen, i -> mask[i / end * total + i % end]);
      return network
          .forward(
              Map.of(
                  "input_ids", Tensor.of(some, 2, tokens),
                  "attention_mask", Tensor.of(seen, 2, end)),
              ForwardContext.inference().withCache(cache))
          .logits()
          .toDoubles();
    }
  }

  // ---- the declaration

  private static Architecture model(boolean ownKind) {
    return Architecture.named("QwenLike")
        .inputs("input_ids", "attention_mask")
        .root(
            lookup("input_ids", named("embed_tokens", embedding(Rows.WORDS, WIDTH, Layers.NORMAL))),
            named("layers", repeat(LAYERS, layer -> block(layer, ownKind))),
            named("norm", rmsNorm(WIDTH, EPSILON)),
            named("lm_head", outputProjection("logits", linear(WIDTH, Rows.WORDS))));
  }

  private static Layer block(int layer, boolean ownKind) {
    return sequence(
        preNorm(
            named("input_layernorm", rmsNorm(WIDTH, EPSILON)),
            named("self_attn", attentionOf(layer, ownKind)),
            0),
        preNorm(
            named("post_attention_layernorm", rmsNorm(WIDTH, EPSILON)),
            named(
                "mlp",
                gatedFeedForward(
                    named("gate_proj", linear(WIDTH, INNER)),
                    "silu",
                    named("up_proj", linear(WIDTH, INNER)),
                    named("down_proj", linear(INNER, WIDTH)))),
            0));
  }

  private static Layer attentionOf(int layer, boolean ownKind) {
    Layer query = named("q_proj", linear(WIDTH, HEADS * HEAD));
    Layer key = named("k_proj", linear(WIDTH, KEY_HEADS * HEAD));
    Layer value = named("v_proj", linear(WIDTH, KEY_HEADS * HEAD));
    Layer output = named("o_proj", linear(HEADS * HEAD, WIDTH));
    AttentionHeads heads =
        heads(HEADS)
            .keyHeads(KEY_HEADS)
            .queryNorm(named("q_norm", rmsNorm(HEAD, EPSILON)))
            .keyNorm(named("k_norm", rmsNorm(HEAD, EPSILON)))
            .rotary(RotaryFrequencies.of(THETA, HEAD))
            .causal()
            .window(window(layer));
    return ownKind
        ? new OwnAttention(query, key, value, output, heads)
        : sequence(Layers.attention(query, key, value, heads), output);
  }

  private static Layer linear(long in, long out) {
    return linearWithoutBias(in, out, Layers.NORMAL);
  }

  private static int window(int layer) {
    return layer == 1 ? WINDOW : 0;
  }

  // ---- the equations

  private static double[][] logits(ByHand hand, int[] ids, boolean[] visible) {
    double[][] x = hand.embedding("embed_tokens", WIDTH, ids);
    for (int layer = 0; layer < LAYERS; layer++) {
      String at = "layers." + layer + ".";
      int window = window(layer);
      double[][] normed = norm(hand, at + "input_layernorm", x);
      double[][] q = turned(hand, at + "self_attn.q_", normed);
      double[][] k = turned(hand, at + "self_attn.k_", normed);
      double[][] v = hand.linear(at + "self_attn.v_proj", normed);
      double[][] mixed =
          attention(
              q,
              k,
              v,
              HEADS,
              KEY_HEADS,
              (i, j) -> j <= i && visible[j] && (window == 0 || i - j < window));
      x = sum(x, hand.linear(at + "self_attn.o_proj", mixed));
      double[][] inner = norm(hand, at + "post_attention_layernorm", x);
      double[][] gated =
          gated(
              ByHand::silu,
              hand.linear(at + "mlp.gate_proj", inner),
              hand.linear(at + "mlp.up_proj", inner));
      x = sum(x, hand.linear(at + "mlp.down_proj", gated));
    }
    return hand.linear("lm_head", norm(hand, "norm", x));
  }

  private static double[][] turned(ByHand hand, String at, double[][] x) {
    double[][] heads =
        perHead(
            hand.linear(at + "proj", x), HEAD, head -> hand.rmsNorm(at + "norm", head, EPSILON));
    return rotated(heads, HEAD, THETA);
  }

  private static double[][] norm(ByHand hand, String name, double[][] x) {
    return perToken(x, token -> hand.rmsNorm(name, token, EPSILON));
  }
}
