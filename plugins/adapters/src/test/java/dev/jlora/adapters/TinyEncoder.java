package dev.jlora.adapters;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.postNorm;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.selfAttention;
import static dev.jlora.model.layers.Layers.sequence;

import dev.jlora.model.Init;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;

/** A classifier over two blocks of width 8, named as BERT names its modules. */
public final class TinyEncoder {
  private TinyEncoder() {}

  public static Architecture architecture() {
    return Architecture.named("TinyForSequenceClassification")
        .inputs("input_ids", "attention_mask")
        .heads("classifier")
        .root(
            named("tiny.words", lookup("input_ids", embedding(20, 8, Init.normal(0.5)))),
            named("tiny.layer", repeat(2, _ -> block())),
            firstToken(),
            named("classifier", output("logits", linear(8, 3, Init.normal(0.5)))));
  }

  private static Layer block() {
    return sequence(
        postNorm(
            sequence(
                selfAttention(
                    named("self.query", linear(8, 8, Init.normal(0.5))),
                    named("self.key", linear(8, 8, Init.normal(0.5))),
                    named("self.value", linear(8, 8, Init.normal(0.5))),
                    2,
                    0),
                named("output.dense", linear(8, 8, Init.normal(0.5)))),
            0,
            named("output.LayerNorm", layerNorm(8, 1e-12))),
        preNorm(
            named("norm", layerNorm(8, 1e-12)),
            sequence(
                named("up", linear(8, 16, Init.normal(0.5))),
                activation("gelu"),
                named("down", linear(16, 8, Init.normal(0.5)))),
            0));
  }

  public static ModelPlan plan() {
    return ModelPlan.of(architecture());
  }

  public static Network network(DType dtype) {
    return Network.of(architecture(), new RandomWeights(11), dtype);
  }
}
