package dev.jlora.bert;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.lookup;
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

import dev.jlora.model.layers.Layers;
import dev.jlora.model.tree.Layer;

/** The parts of DistilBERT: half of BERT's blocks, no token types, no pooler. D is {@code dim}. */
record DistilBertLayers(DistilBertConfig config) {
  static final String WORDS = "distilbert.embeddings.word_embeddings.weight";

  /** Token ids [B, S] to [B, S, D]. */
  Layer encoder() {
    return sequence(
        named("embeddings", embeddings()),
        named(
            "transformer.layer",
            output("last_hidden_state", repeat(config.layers(), _ -> block()))));
  }

  private Layer embeddings() {
    int d = config.dim();
    return sequence(
        sum(
            lookup(
                "input_ids",
                named(
                    "word_embeddings",
                    embedding(config.vocabulary(), d, config.padding(), config.init()))),
            positions(
                named("position_embeddings", embedding(config.positions(), d, config.init())))),
        named("LayerNorm", norm()),
        dropout(config.dropout()));
  }

  /** BERT's block, but only the feed-forward has dropout before its norm. */
  private Layer block() {
    int d = config.dim();
    Layer attention =
        sequence(
            selfAttention(
                named("attention.q_lin", linear(d, d)),
                named("attention.k_lin", linear(d, d)),
                named("attention.v_lin", linear(d, d)),
                config.heads(),
                config.attentionDropout()),
            named("attention.out_lin", linear(d, d)));
    Layer feedForward =
        sequence(
            named("ffn.lin1", linear(d, config.hiddenDim())),
            activation(config.activation()),
            named("ffn.lin2", linear(config.hiddenDim(), d)));
    return sequence(
        postNorm(attention, 0, named("sa_layer_norm", norm())),
        postNorm(feedForward, config.dropout(), named("output_layer_norm", norm())));
  }

  /** [B, D] of the first token to [B, labels]: through dense, ReLU and dropout. */
  Layer classificationHead() {
    return sequence(
        named("pre_classifier", linear(config.dim(), config.dim())),
        activation("relu"),
        dropout(config.classifierDropout()),
        named("classifier", output("logits", linear(config.dim(), config.labels()))));
  }

  /** [B, S, D] to [B, S, labels]. */
  Layer tokenHead() {
    return sequence(
        dropout(config.dropout()),
        named("classifier", output("logits", linear(config.dim(), config.labels()))));
  }

  /**
   * [B, S, D] to [B, S, vocabulary]; the projector's weight is that of the word embeddings unless
   * {@code tie_word_embeddings} is false.
   */
  Layer maskedLanguageHead() {
    int d = config.dim();
    return sequence(
        named("vocab_transform", linear(d, d)),
        activation(config.activation()),
        named("vocab_layer_norm", norm()),
        named(
            "vocab_projector",
            outputProjection(
                "logits",
                config.tied()
                    ? tied(WORDS, d, config.vocabulary())
                    : linear(d, config.vocabulary()))));
  }

  /** [B, S, D] to start and end logits, [B, S] each. */
  Layer span() {
    return sequence(
        dropout(config.spanDropout()),
        named("qa_outputs", linear(config.dim(), 2)),
        splitOutputs("start_logits", "end_logits"));
  }

  private Layer norm() {
    return layerNorm(config.dim(), DistilBertConfig.EPSILON);
  }

  private Layer linear(int in, int out) {
    return Layers.linear(in, out, config.init());
  }
}
