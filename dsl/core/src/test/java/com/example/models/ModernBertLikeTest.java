package com.example.models;

import static com.example.models.ByHand.columns;
import static com.example.models.ByHand.gated;
import static com.example.models.ByHand.perToken;
import static com.example.models.ByHand.rotated;
import static com.example.models.ByHand.sum;
import static dev.jlora.model.layers.Layers.attention;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.gatedFeedForward;
import static dev.jlora.model.layers.Layers.layerNormWithoutBias;
import static dev.jlora.model.layers.Layers.linearWithoutBias;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.residual;
import static dev.jlora.model.layers.Layers.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.attention.RotaryFrequencies;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.MetaOperators;
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
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An encoder like ModernBERT (arXiv:2412.13663), declared with jlora's public layers alone: one
 * projection for queries, keys and values, two-way windows between global layers, rotary positions
 * with a theta for each, norms without bias, a GeGLU with one projection.
 */
class ModernBertLikeTest {
  private static final int WIDTH = 32;
  private static final int HEADS = 4;
  private static final int HEAD = 8;
  private static final int LAYERS = 4;
  private static final int INNER = 24;
  private static final int LABELS = 3;
  private static final double EPSILON = 1e-5;

  /** Variants of the model; without positions, attention reads the fused projection in place. */
  private enum Kind {
    ROTARY(6),
    NO_POSITIONS(6),
    ODD_WINDOW(7),
    ITSELF(1),
    WIDER_THAN_ROWS(64);

    private final int window;

    Kind(int window) {
      this.window = window;
    }

    /** Every third layer sees all tokens. */
    int window(int layer) {
      return layer % 3 == 0 ? 0 : window;
    }

    double theta(int layer) {
      return layer % 3 == 0 ? 160 : 10;
    }

    boolean turns() {
      return this != NO_POSITIONS;
    }
  }

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
    "ROTARY, FLOAT64, false, false",
    "ROTARY, FLOAT64, true, false",
    "ROTARY, FLOAT64, true, true",
    "ROTARY, FLOAT32, false, false",
    "ROTARY, FLOAT32, false, true",
    "ROTARY, FLOAT32, true, true",
    "NO_POSITIONS, FLOAT64, false, false",
    "NO_POSITIONS, FLOAT32, true, false",
    "NO_POSITIONS, FLOAT32, false, true",
    "ODD_WINDOW, FLOAT64, false, true",
    "ITSELF, FLOAT64, true, false",
    "ITSELF, FLOAT32, true, true",
    "WIDER_THAN_ROWS, FLOAT64, false, false",
    "WIDER_THAN_ROWS, FLOAT32, false, true"
  })
  void logits_are_those_of_the_equations(Kind kind, DType dtype, boolean left, boolean unpadded) {
    try (Network network = Rows.network(model(kind), dtype)) {
      ForwardContext pass = ForwardContext.inference();
      new Rows(left)
          .compare(
              network,
              unpadded ? pass.withoutPadding() : pass,
              (ids, visible) -> logits(kind, ByHand.of(network), ids, visible),
              dtype == DType.FLOAT64 ? 1e-10 : 5e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"ROTARY", "NO_POSITIONS"})
  void gradients_are_those_of_differences(Kind kind) {
    Rows rows = new Rows(true);
    try (Network network = Rows.network(model(kind), DType.FLOAT64)) {
      Map<String, double[]> padded = rows.gradients(network, false);
      Map<String, double[]> unpadded = rows.gradients(network, true);
      assertThat(padded).containsKey("layers.1.mlp.Wi.weight").doesNotContainKey("final_norm.bias");
      padded.forEach(
          (name, gradient) ->
              assertThat(unpadded.get(name)).as(name).containsExactly(gradient, within(1e-10)));
      rows.compareWithDifferences(network, padded);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"ROTARY", "NO_POSITIONS"})
  void unpadded_gradients_in_single_precision_are_those_of_the_whole_batch(Kind kind) {
    try (Network network = Rows.network(model(kind), DType.FLOAT32)) {
      Map<String, double[]> unpadded = new Rows(false).gradients(network, true);
      new Rows(false)
          .gradients(network, false)
          .forEach(
              (name, gradient) ->
                  assertThat(unpadded.get(name)).as(name).containsExactly(gradient, within(2e-4)));
    }
  }

  @Test
  void without_an_attention_mask_the_window_alone_limits() {
    int[] ids = new Random(4).ints(20, 0, Rows.WORDS).toArray();
    boolean[] visible = new boolean[ids.length];
    Arrays.fill(visible, true);
    try (var _ = Scope.open();
        Network network = Rows.network(model(Kind.ROTARY), DType.FLOAT64)) {
      long[] row = Arrays.stream(ids).asLongStream().toArray();
      double[] found =
          network
              .forward(
                  Map.of("input_ids", Tensor.of(row, 1, row.length)), ForwardContext.inference())
              .logits()
              .toDoubles();
      double[][] expected = logits(Kind.ROTARY, ByHand.of(network), ids, visible);
      assertThat(found)
          .containsExactly(
              Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray(), within(1e-10));
    }
  }

  @Test
  void it_runs_on_a_device_without_memory() {
    MetaOperators.install();
    try (var _ = Scope.open();
        Network network =
            Network.of(
                model(Kind.ROTARY),
                parameter -> Tensor.empty(DType.FLOAT32, Device.META, parameter.sizes()),
                DType.FLOAT32,
                Device.META)) {
      Tensor ids = Tensor.empty(DType.INT64, Device.META, 2, 20);
      Tensor logits =
          network
              .forward(Map.of("input_ids", ids, "attention_mask", ids), ForwardContext.inference())
              .logits();
      assertThat(logits.shape()).containsExactly(2, 20, LABELS);
    }
  }

  // ---- the declaration

  private static Architecture model(Kind kind) {
    return Architecture.named("ModernBertLike")
        .inputs("input_ids", "attention_mask")
        .root(
            named(
                "embeddings",
                sequence(
                    lookup(
                        "input_ids",
                        named("tok_embeddings", embedding(Rows.WORDS, WIDTH, Layers.NORMAL))),
                    named("norm", norm()))),
            named("layers", repeat(LAYERS, layer -> block(kind, layer))),
            named("final_norm", norm()),
            named("classifier", output("logits", Layers.linear(WIDTH, LABELS))));
  }

  /** The first block has no norm before its attention. */
  private static Layer block(Kind kind, int layer) {
    Layer attention =
        named(
            "attn",
            sequence(
                attention(named("Wqkv", linear(WIDTH, 3 * WIDTH)), heads(kind, layer)),
                named("Wo", linear(WIDTH, WIDTH))));
    Layer feedForward =
        named(
            "mlp",
            gatedFeedForward(
                named("Wi", linear(WIDTH, 2 * INNER)), "gelu", named("Wo", linear(INNER, WIDTH))));
    return sequence(
        layer == 0 ? residual(0, attention) : preNorm(named("attn_norm", norm()), attention, 0),
        preNorm(named("mlp_norm", norm()), feedForward, 0));
  }

  private static AttentionHeads heads(Kind kind, int layer) {
    AttentionHeads heads = Layers.heads(HEADS).window(kind.window(layer));
    return kind.turns() ? heads.rotary(RotaryFrequencies.of(kind.theta(layer), HEAD)) : heads;
  }

  private static Layer norm() {
    return layerNormWithoutBias(WIDTH, EPSILON);
  }

  private static Layer linear(long in, long out) {
    return linearWithoutBias(in, out, Layers.NORMAL);
  }

  // ---- the equations

  private static double[][] logits(Kind kind, ByHand hand, int[] ids, boolean[] visible) {
    double[][] x =
        norm(hand, "embeddings.norm", hand.embedding("embeddings.tok_embeddings", WIDTH, ids));
    for (int layer = 0; layer < LAYERS; layer++) {
      String at = "layers." + layer + ".";
      int window = kind.window(layer);
      double theta = kind.theta(layer);
      double[][] qkv =
          hand.linear(at + "attn.Wqkv", layer == 0 ? x : norm(hand, at + "attn_norm", x));
      double[][] q = columns(qkv, 0, WIDTH);
      double[][] k = columns(qkv, WIDTH, 2 * WIDTH);
      double[][] mixed =
          ByHand.attention(
              kind.turns() ? rotated(q, HEAD, theta) : q,
              kind.turns() ? rotated(k, HEAD, theta) : k,
              columns(qkv, 2 * WIDTH, 3 * WIDTH),
              HEADS,
              HEADS,
              (i, j) -> visible[j] && (window == 0 || Math.abs(i - j) <= window / 2));
      x = sum(x, hand.linear(at + "attn.Wo", mixed));
      double[][] inner = hand.linear(at + "mlp.Wi", norm(hand, at + "mlp_norm", x));
      double[][] gated =
          gated(ByHand::gelu, columns(inner, 0, INNER), columns(inner, INNER, 2 * INNER));
      x = sum(x, hand.linear(at + "mlp.Wo", gated));
    }
    return hand.linear("classifier", norm(hand, "final_norm", x));
  }

  private static double[][] norm(ByHand hand, String name, double[][] x) {
    return perToken(x, token -> hand.layerNorm(name, token, EPSILON));
  }
}
