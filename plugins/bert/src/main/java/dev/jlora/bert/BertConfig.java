package dev.jlora.bert;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.spi.ConfigChecks;

/**
 * The values of a BERT or RoBERTa config.json that determine the model, validated. Defaults are
 * transformers'.
 */
record BertConfig(
    int vocabulary,
    int hidden,
    int layers,
    int heads,
    int inner,
    String activation,
    double hiddenDropout,
    double attentionDropout,
    double classifierDropout,
    int positions,
    int tokenTypes,
    double epsilon,
    int padding,
    boolean tied,
    int labels,
    Init init) {

  /** BERT's values, from its config.json. */
  static BertConfig of(ModelConfig config) {
    return of(config, 30522, 0);
  }

  /** The values for a relative of BERT with other defaults for vocabulary and padding. */
  static BertConfig of(ModelConfig config, int vocabulary, int padding) {
    refuseUnsupported(config);
    double hiddenDropout = ConfigChecks.dropout(config, "hidden_dropout_prob", 0.1);
    BertConfig bert =
        new BertConfig(
            ConfigChecks.positive(config, "vocab_size", vocabulary),
            ConfigChecks.width(config, "hidden_size", 768),
            ConfigChecks.layers(config, "num_hidden_layers", 12),
            ConfigChecks.heads(config, "num_attention_heads", 12),
            ConfigChecks.width(config, "intermediate_size", 3072),
            config.text("hidden_act", "gelu"),
            hiddenDropout,
            ConfigChecks.dropout(config, "attention_probs_dropout_prob", 0.1),
            ConfigChecks.dropout(config, "classifier_dropout", hiddenDropout),
            ConfigChecks.positive(config, "max_position_embeddings", 512),
            ConfigChecks.positive(config, "type_vocab_size", 2),
            ConfigChecks.epsilon(config, "layer_norm_eps", 1e-12),
            config.integer("pad_token_id", padding),
            config.flag("tie_word_embeddings", true),
            config.numLabels(),
            Init.normal(ConfigChecks.deviation(config, "initializer_range", 0.02)));
    ConfigChecks.multiple(
        config, "hidden_size", bert.hidden(), "num_attention_heads", bert.heads());
    ConfigChecks.padding(config, bert.padding(), bert.vocabulary());
    return bert;
  }

  private static void refuseUnsupported(ModelConfig config) {
    if (config.flag("is_decoder", false) || config.flag("add_cross_attention", false)) {
      throw new FormatException(
          config.source(),
          "describes a BERT decoder (is_decoder or add_cross_attention is true).",
          "Only BERT encoders are supported: set both to false if this is one.");
    }
    String positions = config.text("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw new FormatException(
          config.source(),
          "position_embedding_type is '%s', expected 'absolute'.".formatted(positions),
          "Use a model with absolute positions; relative ones are not supported.");
    }
  }
}
