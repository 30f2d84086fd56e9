package dev.jlora.model.network;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.conv1d;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.positions;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.selfAttention;
import static dev.jlora.model.layers.Layers.sequence;
import static dev.jlora.model.layers.Layers.sum;

import dev.jlora.model.Init;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;

/**
 * An encoder that no plugin has: feed-forward before attention, norms before both, a weight stored
 * [in, out], and a funnel of widths. It shows what a stranger needs to write.
 */
final class FunnelEncoder {
  private static final int WIDTH = 8;

  private FunnelEncoder() {}

  static Architecture declare(int blocks) {
    return Architecture.named("FunnelForClassification")
        .inputs("input_ids", "attention_mask")
        .basePrefix("funnel")
        .heads("score")
        .otherHeads(java.util.List.of("lm_head"))
        .buffers("position_ids")
        .maxPositions(6)
        .root(
            named(
                "funnel",
                sequence(
                    sum(
                        lookup("input_ids", named("wte", embedding(30, WIDTH, Init.normal(1)))),
                        positions(named("wpe", embedding(6, WIDTH, Init.normal(1))))),
                    named("block", repeat(blocks, _ -> block())),
                    named("LayerNorm", layerNorm(WIDTH, 1e-5)))),
            firstToken(),
            named("score", output("logits", linear(WIDTH, 2))));
  }

  private static Layer block() {
    return sequence(
        preNorm(
            named("ln_1", layerNorm(WIDTH, 1e-5)),
            sequence(
                named("up", conv1d(WIDTH, 4 * WIDTH, Init.normal(0.3))),
                activation("gelu_new"),
                named("down", linear(4 * WIDTH, WIDTH, Init.normal(0.3)))),
            0.1),
        preNorm(
            named("ln_2", layerNorm(WIDTH, 1e-5)),
            selfAttention(
                named("q", linear(WIDTH, WIDTH, Init.normal(0.3))),
                named("k", linear(WIDTH, WIDTH, Init.normal(0.3))),
                named("v", linear(WIDTH, WIDTH, Init.normal(0.3))),
                2,
                0.1),
            0.1));
  }
}
