package dev.jlora.bert;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.spi.ConfigChecks;

/**
 * The values of a DistilBERT config.json that determine the model, with DistilBERT's own names;
 * defaults are transformers'.
 */
record DistilBertConfig(
    int vocabulary,
    int positions,
    int layers,
    int heads,
    int dim,
    int hiddenDim,
    double dropout,
    double attentionDropout,
    double classifierDropout,
    double spanDropout,
    String activation,
    int padding,
    boolean tied,
    int labels,
    Init init) {
  /** Epsilon of every LayerNorm of DistilBERT; it is not configurable. */
  static final double EPSILON = 1e-12;

  static DistilBertConfig of(ModelConfig config) {
    DistilBertConfig distil =
        new DistilBertConfig(
            ConfigChecks.positive(config, "vocab_size", 30522),
            ConfigChecks.positive(config, "max_position_embeddings", 512),
            ConfigChecks.layers(config, "n_layers", 6),
            ConfigChecks.heads(config, "n_heads", 12),
            ConfigChecks.width(config, "dim", 768),
            ConfigChecks.width(config, "hidden_dim", 4 * 768),
            ConfigChecks.dropout(config, "dropout", 0.1),
            ConfigChecks.dropout(config, "attention_dropout", 0.1),
            ConfigChecks.dropout(config, "seq_classif_dropout", 0.2),
            ConfigChecks.dropout(config, "qa_dropout", 0.1),
            config.text("activation", "gelu"),
            config.integer("pad_token_id", 0),
            config.flag("tie_word_embeddings", true),
            config.numLabels(),
            Init.normal(ConfigChecks.deviation(config, "initializer_range", 0.02)));
    ConfigChecks.multiple(config, "dim", distil.dim(), "n_heads", distil.heads());
    ConfigChecks.padding(config, distil.padding(), distil.vocabulary());
    return distil;
  }
}
