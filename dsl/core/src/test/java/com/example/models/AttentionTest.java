package com.example.models;

import static com.example.models.ByHand.columns;
import static com.example.models.ByHand.perHead;
import static com.example.models.ByHand.perToken;
import static com.example.models.ByHand.rotated;
import static com.example.models.ByHand.sum;
import static dev.jlora.model.layers.Layers.attention;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.gatedUnit;
import static dev.jlora.model.layers.Layers.heads;
import static dev.jlora.model.layers.Layers.layerNormWithoutBias;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.postNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.rmsNorm;
import static dev.jlora.model.layers.Layers.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.CacheUse;
import dev.jlora.model.ModelException;
import dev.jlora.model.attention.Attention;
import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.attention.RotaryFrequencies;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The settings of attention one by one, for readers of all tokens and of the first. */
class AttentionTest {
  private static final int WIDTH = 32;
  private static final int HEAD = 8;
  private static final double EPSILON = 1e-5;

  /** Four heads with one setting each. */
  private enum Kind {
    TWO_WAY(heads(4)),
    GROUPED(heads(4).keyHeads(2)),
    SCALED(heads(4).scale(0.7)),
    NORMED(heads(4).keyHeads(1).keyNorm(named("k_norm", rmsNorm(HEAD, EPSILON)))),
    TURNED(heads(4).rotary(RotaryFrequencies.of(100, HEAD))),
    GROUPED_WINDOW(heads(4).keyHeads(2).window(5)),
    CAUSAL(heads(4).keyHeads(2).causal());

    private final AttentionHeads heads;

    Kind(AttentionHeads heads) {
      this.heads = heads;
    }

    boolean sees(int i, int j) {
      long window = heads.window();
      return heads.isCausal() ? j <= i : window == 0 || Math.abs(i - j) <= window / 2;
    }
  }

  @ParameterizedTest
  @EnumSource
  void all_tokens_are_those_of_the_equations(Kind kind) {
    for (boolean fused : new boolean[] {false, true}) {
      for (boolean unpadded : new boolean[] {false, true}) {
        for (DType dtype : new DType[] {DType.FLOAT64, DType.FLOAT32}) {
          try (Network network = Rows.network(model(kind, fused, sequence()), dtype)) {
            new Rows(unpadded)
                .compare(
                    network,
                    pass(unpadded),
                    (ids, visible) -> equations(ByHand.of(network), kind, fused, ids, visible),
                    dtype == DType.FLOAT64 ? 1e-10 : 5e-5);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_first_token_alone_is_that_of_the_equations(Kind kind) {
    for (boolean fused : new boolean[] {false, true}) {
      for (boolean unpadded : new boolean[] {false, true}) {
        try (Network network = Rows.network(model(kind, fused, firstToken()), DType.FLOAT32)) {
          new Rows(false)
              .compareFirst(
                  network,
                  pass(unpadded),
                  (ids, visible) -> equations(ByHand.of(network), kind, fused, ids, visible),
                  5e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"GROUPED", "NORMED", "GROUPED_WINDOW"})
  void gradients_are_those_of_differences(Kind kind) {
    Rows rows = new Rows(false);
    try (Network network = Rows.network(model(kind, true, sequence()), DType.FLOAT64)) {
      rows.compareWithDifferences(network, rows.gradients(network, false));
    }
  }

  @Test
  void dropout_is_for_training() {
    Architecture model = model(heads(4).dropout(0.5), false, sequence());
    assertThat(logits(model, true, 1)).isEqualTo(logits(model, true, 1));
    assertThat(logits(model, true, 1)).isNotEqualTo(logits(model, true, 2));
    assertThat(logits(model, false, 1))
        .isEqualTo(logits(model(heads(4), false, sequence()), false, 1));
  }

  private static double[] logits(Architecture model, boolean training, long seed) {
    try (var _ = Scope.open();
        Network network = Rows.network(model, DType.FLOAT32)) {
      ForwardContext pass =
          training
              ? ForwardContext.training(Tape.off(), new RandomStream(seed))
              : ForwardContext.inference();
      return network.forward(ids(), pass).logits().toDoubles();
    }
  }

  @Test
  void the_order_of_settings_does_not_matter() {
    RotaryFrequencies turning = RotaryFrequencies.of(1e6, HEAD);
    assertThat(heads(8).keyHeads(2).causal().window(4).rotary(turning).scale(2).dropout(0.1))
        .isEqualTo(
            heads(8)
                .dropout(0.1)
                .scale(2)
                .rotary(RotaryFrequencies.of(1e6, HEAD))
                .window(4)
                .causal()
                .keyHeads(2));
    assertThat(heads(8).cacheUse()).isEqualTo(CacheUse.IGNORES);
    assertThat(heads(8).causal().cacheUse()).isEqualTo(CacheUse.STORES);
  }

  /** theta = 2^12 and four pairs: 1, 2^-3, 2^-6, 2^-9. */
  @Test
  void frequencies_are_powers_of_theta() {
    assertThat(RotaryFrequencies.of(4096, 8).of(1).pairs())
        .containsExactly(1, 0.125, 0.015625, 0.001953125);
  }

  @Test
  void settings_that_do_not_hold_are_refused() {
    refused(
        () -> heads(6).keyHeads(4),
        "attention: got 6 heads over 4 of keys and values, expected a multiple of these");
    refused(
        () -> heads(4).window(-1),
        "attention: got a window of -1 tokens, expected 1 or more, or 0 for all tokens");
    refused(
        () -> heads(4).scale(Double.NaN),
        "attention: got a scale of NaN, expected a positive number, or 0 for 1 / sqrt(size of a"
            + " head)");
    refused(
        () -> heads(4).dropout(1),
        "attention: got a dropout of 1.0, expected 0 or more and less than 1");
    refused(
        () -> heads(4).keyNorm(firstToken()),
        "attention: keyNorm FirstToken[] reads other tokens, expected a layer that declares"
            + " tokenwise()");
    refused(
        () -> new Attention(List.of(linear(8, 8), linear(8, 8)), heads(2)),
        "attention: got 2 projections, expected queries, keys and values, or one layer for all");
    refused(
        () -> RotaryFrequencies.of(1, 8),
        "rotary positions: got a theta of 1.0, expected more than 1 (10000 is usual)");
    refused(
        () -> RotaryFrequencies.of(10000, 7),
        "rotary positions: got heads of size 7, expected an even number: they rotate pairs");
  }

  @Test
  void sizes_that_do_not_fit_are_refused_before_any_native_call() {
    refused(
        () -> run(attention(linear(WIDTH, WIDTH), heads(4))),
        "attention: got 32 features for 12 heads, expected a multiple");
    refused(
        () ->
            run(
                attention(
                    named("q", linear(WIDTH, WIDTH)),
                    named("k", linear(WIDTH, WIDTH)),
                    named("v", linear(WIDTH, WIDTH)),
                    heads(4).rotary(RotaryFrequencies.of(100, 16)))),
        "attention: got heads of size 8 and rotary frequencies for heads of size 16");
    refused(
        () -> run(sequence(named("in", linear(WIDTH, 7)), gatedUnit("gelu"))),
        "gated unit: got 7 features, expected an even number: a gate and what it scales");
  }

  private static void run(Layer layer) {
    Architecture model =
        Architecture.named("One")
            .inputs("input_ids")
            .root(words(), named("one", output("logits", layer)));
    try (var _ = Scope.open();
        Network network = Rows.network(model, DType.FLOAT32)) {
      network.forward(ids(), ForwardContext.inference());
    }
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(ModelException.class).hasMessage(message);
  }

  private static Map<String, Tensor> ids() {
    return Map.of("input_ids", Tensor.of(new long[] {3, 1, 4, 1, 5, 9}, 2, 3));
  }

  private static ForwardContext pass(boolean unpadded) {
    ForwardContext pass = ForwardContext.inference();
    return unpadded ? pass.withoutPadding() : pass;
  }

  // ---- the declaration

  private static Architecture model(Kind kind, boolean fused, Layer reader) {
    return model(kind.heads, fused, reader);
  }

  /** A block like BERT's with a norm without a bias. */
  private static Architecture model(AttentionHeads heads, boolean fused, Layer reader) {
    int keys = heads.keyHeads() * HEAD;
    Layer mix =
        fused
            ? attention(named("qkv", linear(WIDTH, WIDTH + 2 * keys)), heads)
            : attention(
                named("q", linear(WIDTH, WIDTH)),
                named("k", linear(WIDTH, keys)),
                named("v", linear(WIDTH, keys)),
                heads);
    return Architecture.named("Encoder")
        .inputs("input_ids", "attention_mask")
        .root(
            words(),
            named(
                "block",
                repeat(
                    1, _ -> postNorm(mix, 0, named("norm", layerNormWithoutBias(WIDTH, EPSILON))))),
            reader,
            named("score", output("logits", linear(WIDTH, 2))));
  }

  private static Layer words() {
    return lookup("input_ids", named("words", embedding(Rows.WORDS, WIDTH, Layers.NORMAL)));
  }

  // ---- the equations

  private static double[][] equations(
      ByHand hand, Kind kind, boolean fused, int[] ids, boolean[] visible) {
    double[][] x = hand.embedding("words", WIDTH, ids);
    int keys = kind.heads.keyHeads() * HEAD;
    double[][] all = fused ? hand.linear("block.0.qkv", x) : null;
    double[][] q = fused ? columns(all, 0, WIDTH) : hand.linear("block.0.q", x);
    double[][] k = fused ? columns(all, WIDTH, WIDTH + keys) : hand.linear("block.0.k", x);
    double[][] v =
        fused ? columns(all, WIDTH + keys, WIDTH + 2 * keys) : hand.linear("block.0.v", x);
    if (kind == Kind.NORMED) {
      k = perHead(k, HEAD, head -> hand.rmsNorm("block.0.k_norm", head, EPSILON));
    }
    if (kind == Kind.TURNED) {
      q = rotated(q, HEAD, 100);
      k = rotated(k, HEAD, 100);
    }
    if (kind == Kind.SCALED) {
      q = perToken(q, token -> scaled(token, 0.7 * Math.sqrt(HEAD)));
    }
    double[][] mixed =
        ByHand.attention(
            q, k, v, 4, kind.heads.keyHeads(), (i, j) -> visible[j] && kind.sees(i, j));
    double[][] normed =
        perToken(sum(x, mixed), token -> hand.layerNorm("block.0.norm", token, EPSILON));
    return hand.linear("score", normed);
  }

  private static double[] scaled(double[] x, double factor) {
    double[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] *= factor;
    }
    return y;
  }
}
