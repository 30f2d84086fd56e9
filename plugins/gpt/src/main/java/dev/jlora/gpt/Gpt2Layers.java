package dev.jlora.gpt;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.conv1d;
import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.fusedCausalAttention;
import static dev.jlora.model.layers.Layers.hiddenState;
import static dev.jlora.model.layers.Layers.lastToken;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.linearWithoutBias;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.positions;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.sequence;
import static dev.jlora.model.layers.Layers.sum;
import static dev.jlora.model.layers.Layers.tiedWithoutBias;

import dev.jlora.model.Init;
import dev.jlora.model.tree.Layer;

/**
 * The parts of GPT-2, with the structure of its paper and the names of its checkpoints. H is the
 * width n_embd.
 */
record Gpt2Layers(Gpt2Config config) {
  static final String WORDS = "wte";

  /** Token ids [B, S] to [B, S, H], through embeddings, all blocks and the last norm. */
  Layer decoder() {
    return sequence(
        embeddings(),
        named("h", repeat(config.layers(), this::block)),
        named("ln_f", output("last_hidden_state", hiddenState(config.layers(), norm()))));
  }

  private Layer embeddings() {
    int h = config.width();
    return sequence(
        sum(
            lookup("input_ids", named(WORDS, embedding(config.vocabulary(), h, config.init()))),
            positions(named("wpe", embedding(config.positions(), h, config.init())))),
        dropout(config.embeddingDropout()));
  }

  /** Attention and feed-forward, both pre-norm. */
  private Layer block(int layer) {
    int h = config.width();
    Layer attention =
        sequence(
            fusedCausalAttention(
                named("attn.c_attn", conv1d(h, 3 * h, config.init())),
                config.heads(),
                config.attentionScale(layer),
                config.attentionDropout()),
            named("attn.c_proj", conv1d(h, h, residualInit())));
    Layer feedForward =
        sequence(
            named("mlp.c_fc", conv1d(h, config.inner(), config.init())),
            activation(config.activation()),
            named("mlp.c_proj", conv1d(config.inner(), h, residualInit())));
    return sequence(
        preNorm(named("ln_1", norm()), attention, config.residualDropout()),
        preNorm(named("ln_2", norm()), feedForward, config.residualDropout()));
  }

  /** GPT-2's smaller initialization of residual projections, depending on the number of layers. */
  private Init residualInit() {
    return Init.normal(config.init().std() / Math.sqrt(2.0 * config.layers()));
  }

  /** [B, S, H] to [B, S, vocabulary]. */
  Layer languageHead() {
    int h = config.width();
    return outputProjection(
        "logits",
        config.tied()
            ? tiedWithoutBias("transformer." + WORDS + ".weight", h, config.vocabulary())
            : linearWithoutBias(h, config.vocabulary(), config.init()));
  }

  /** [B, S, H] to [B, labels], at the last token that is not padding. */
  Layer score() {
    return sequence(
        lastToken(config.padding()),
        named(
            "score",
            output("logits", linearWithoutBias(config.width(), config.labels(), config.init()))));
  }

  /** [B, S, H] to [B, S, labels]. */
  Layer classifier() {
    return sequence(
        dropout(config.classifierDropout()),
        named(
            "classifier",
            output("logits", linear(config.width(), config.labels(), config.init()))));
  }

  private Layer norm() {
    return layerNorm(config.width(), config.epsilon());
  }
}
