package dev.jlora.bert;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.lookupOrZero;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.positions;
import static dev.jlora.model.layers.Layers.postNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.selfAttention;
import static dev.jlora.model.layers.Layers.sequence;
import static dev.jlora.model.layers.Layers.splitOutputs;
import static dev.jlora.model.layers.Layers.sum;
import static dev.jlora.model.layers.Layers.tied;
import static dev.jlora.model.layers.Layers.unusedBias;

import dev.jlora.model.layers.Layers;
import dev.jlora.model.tree.Layer;

/**
 * The parts of BERT, with the structure of its paper and the names of its checkpoints. H is the
 * hidden size.
 */
record BertLayers(BertConfig config) {
  static final String WORDS = "embeddings.word_embeddings";

  /** Token ids [B, S] to [B, S, H], through embeddings and all blocks. */
  Layer encoder() {
    return encoder(positions(positionTable(-1)));
  }

  /** The encoder with another kind of positions. */
  Layer encoder(Layer positions) {
    return sequence(
        named("embeddings", embeddings(positions)),
        named("encoder.layer", output("last_hidden_state", repeat(config.layers(), _ -> block()))));
  }

  /** The learned position embeddings; row {@code padding} gets no gradient, -1 for none. */
  Layer positionTable(int padding) {
    return named(
        "position_embeddings",
        embedding(config.positions(), config.hidden(), padding, config.init()));
  }

  private Layer embeddings(Layer positions) {
    int h = config.hidden();
    return sequence(
        sum(
            lookup(
                "input_ids",
                named(
                    "word_embeddings",
                    embedding(config.vocabulary(), h, config.padding(), config.init()))),
            lookupOrZero(
                "token_type_ids",
                named("token_type_embeddings", embedding(config.tokenTypes(), h, config.init()))),
            positions),
        named("LayerNorm", norm()),
        dropout(config.hiddenDropout()));
  }

  /** Attention and feed-forward, both post-norm. */
  private Layer block() {
    int h = config.hidden();
    Layer attention =
        sequence(
            selfAttention(
                named("attention.self.query", linear(h, h)),
                named("attention.self.key", linear(h, h)),
                named("attention.self.value", linear(h, h)),
                config.heads(),
                config.attentionDropout()),
            named("attention.output.dense", linear(h, h)));
    Layer feedForward =
        sequence(
            named("intermediate.dense", linear(h, config.inner())),
            activation(config.activation()),
            named("output.dense", linear(config.inner(), h)));
    return sequence(
        postNorm(attention, config.hiddenDropout(), named("attention.output.LayerNorm", norm())),
        postNorm(feedForward, config.hiddenDropout(), named("output.LayerNorm", norm())));
  }

  /** [B, H] of the first token through a dense layer and tanh. */
  Layer pooler() {
    return output(
        "pooler_output",
        named("pooler.dense", linear(config.hidden(), config.hidden())),
        activation("tanh"));
  }

  /** [..., H] to [..., labels]. */
  Layer classifier() {
    return sequence(
        dropout(config.classifierDropout()),
        named("classifier", output("logits", linear(config.hidden(), config.labels()))));
  }

  /** [B, S, H] to [B, S, vocabulary]. */
  Layer maskedLanguageHead() {
    int h = config.hidden();
    return sequence(
        named(
            "transform",
            sequence(
                named("dense", linear(h, h)),
                activation(config.activation()),
                named("LayerNorm", norm()))),
        decoder("bert"));
  }

  /**
   * [B, S, H] to [B, S, vocabulary], with the weight of the word embeddings and a separate bias. If
   * {@code tie_word_embeddings} is false, the decoder has its own weight and bias, and the head's
   * bias is not used.
   */
  Layer decoder(String prefix) {
    int h = config.hidden();
    int words = config.vocabulary();
    return config.tied()
        ? outputProjection("logits", tied(prefix + "." + WORDS + ".weight", h, words))
        : sequence(
            unusedBias(words), named("decoder", outputProjection("logits", linear(h, words))));
  }

  /** [B, S, H] to start and end logits, [B, S] each. */
  Layer span() {
    return sequence(
        named("qa_outputs", linear(config.hidden(), 2)),
        splitOutputs("start_logits", "end_logits"));
  }

  Layer norm() {
    return layerNorm(config.hidden(), config.epsilon());
  }

  Layer linear(int in, int out) {
    return Layers.linear(in, out, config.init());
  }
}
