package com.example.twin;

import static dev.jlora.model.layers.Layers.*;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Optional;

/**
 * Encoders whose attention has a gate, and whose attention and feed-forward read the same norm and
 * are added together.
 */
final class TwinFamily implements ModelFamily {
  private static final String CLASSIFIER = "TwinForSequenceClassification";

  @Override
  public String modelType() {
    return "twin";
  }

  @Override
  public List<String> architectures() {
    return List.of(CLASSIFIER);
  }

  @Override
  public Optional<String> architecture(String task) {
    return task.equals(TaskSpec.SEQUENCE_CLASSIFICATION)
        ? Optional.of(CLASSIFIER)
        : Optional.empty();
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("query", "value");
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    int width = config.integer("hidden_size");
    return Architecture.named(architecture)
        .inputs("input_ids", "attention_mask")
        .basePrefix("twin")
        .heads("score")
        .maxPositions(config.integer("max_position_embeddings"))
        .root(
            named("twin", encoder(config, width)),
            new MeanOfTokens(),
            named("score", output("logits", linear(width, config.numLabels()))));
  }

  private static Layer encoder(ModelConfig config, int width) {
    int longest = config.integer("max_position_embeddings");
    return sequence(
        sum(
            lookup(
                "input_ids",
                named("words", embedding(config.integer("vocab_size"), width, NORMAL))),
            positions(named("places", embedding(longest, width, NORMAL)))),
        named("blocks", repeat(config.integer("num_hidden_layers"), _ -> block(config, width))));
  }

  /** x + dropout(attention(norm(x)) + feedForward(norm(x))). */
  private static Layer block(ModelConfig config, int width) {
    double dropout = config.number("dropout", 0.1);
    Layer attention =
        sequence(
            new GatedAttention(
                named("query", linear(width, width)),
                named("key", linear(width, width)),
                named("value", linear(width, width)),
                named("gate", linear(width, width)),
                heads(config.integer("num_attention_heads")).dropout(dropout)),
            named("mix", linear(width, width)));
    Layer feedForward =
        sequence(
            named("up", linear(width, 4 * width)),
            activation("gelu"),
            named("down", linear(4 * width, width)));
    return residual(dropout, named("norm", layerNorm(width, 1e-5)), sum(attention, feedForward));
  }
}
