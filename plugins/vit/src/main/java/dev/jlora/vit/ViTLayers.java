package dev.jlora.vit;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.classToken;
import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.patchConvolution;
import static dev.jlora.model.layers.Layers.patches;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.selfAttention;
import static dev.jlora.model.layers.Layers.sequence;

import dev.jlora.model.layers.GridPositions;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.layers.Linear;
import dev.jlora.model.tree.Layer;

/**
 * The parts of ViT, with the structure of its paper and the names of its checkpoints. H is the
 * hidden size.
 */
record ViTLayers(ViTConfig config) {

  /** Images [B, channels, h, w] to [B, 1 + patches, H], through all blocks and the last norm. */
  Layer encoder() {
    return output(
        "last_hidden_state",
        named("embeddings", embeddings()),
        named("encoder.layer", repeat(config.layers(), _ -> block())),
        named("layernorm", norm()));
  }

  private Layer embeddings() {
    int h = config.hidden();
    return sequence(
        patches(
            config.channels(),
            config.patch(),
            named(
                "patch_embeddings.projection",
                patchConvolution(config.channels(), h, config.patch(), config.init()))),
        classToken("cls_token", h, config.init()),
        new GridPositions(
            "position_embeddings",
            h,
            config.patchesAcross(),
            config.patchesAcross(),
            config.patch(),
            config.interpolate(),
            ViTArchitectures.IMAGES,
            config.init()),
        dropout(config.hiddenDropout()));
  }

  /** Attention and feed-forward, both pre-norm. */
  private Layer block() {
    int h = config.hidden();
    Layer attention =
        sequence(
            selfAttention(
                named("attention.attention.query", intoAttention()),
                named("attention.attention.key", intoAttention()),
                named("attention.attention.value", intoAttention()),
                config.heads(),
                config.attentionDropout()),
            named("attention.output.dense", linear(h, h)));
    Layer feedForward =
        sequence(
            named("intermediate.dense", linear(h, config.inner())),
            activation(config.activation()),
            named("output.dense", linear(config.inner(), h)));
    return sequence(
        preNorm(named("layernorm_before", norm()), attention, config.hiddenDropout()),
        preNorm(named("layernorm_after", norm()), feedForward, config.hiddenDropout()));
  }

  /** [B, H] of the class token to [B, pooled], through a dense layer and an activation. */
  Layer pooler() {
    return output(
        "pooler_output",
        named("pooler.dense", linear(config.hidden(), config.pooled())),
        activation(config.poolerActivation()));
  }

  /** [B, H] of the class token to [B, labels]. */
  Layer classifier() {
    return named("classifier", output("logits", linear(config.hidden(), config.labels())));
  }

  private Layer norm() {
    return layerNorm(config.hidden(), config.epsilon());
  }

  private Layer intoAttention() {
    int h = config.hidden();
    return new Linear(h, h, config.biasInAttention(), false, config.init());
  }

  private Layer linear(int in, int out) {
    return Layers.linear(in, out, config.init());
  }
}
