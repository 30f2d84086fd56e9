package dev.jlora.bert;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;

/** The values of a BERT config.json that shape the model, checked. Defaults are transformers'. */
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

  static BertConfig of(ModelConfig config) {
    refuseUnsupported(config);
    double hiddenDropout = config.number("hidden_dropout_prob", 0.1);
    BertConfig bert =
        new BertConfig(
            positive(config, "vocab_size", 30522),
            positive(config, "hidden_size", 768),
            positive(config, "num_hidden_layers", 12),
            positive(config, "num_attention_heads", 12),
            positive(config, "intermediate_size", 3072),
            config.text("hidden_act", "gelu"),
            hiddenDropout,
            config.number("attention_probs_dropout_prob", 0.1),
            config.number("classifier_dropout", hiddenDropout),
            positive(config, "max_position_embeddings", 512),
            positive(config, "type_vocab_size", 2),
            config.number("layer_norm_eps", 1e-12),
            config.integer("pad_token_id", 0),
            config.flag("tie_word_embeddings", true),
            config.numLabels(),
            Init.normal(config.number("initializer_range", 0.02)));
    if (bert.hidden() % bert.heads() != 0) {
      throw new FormatException(
          config.source(),
          "hidden_size %d is not a multiple of num_attention_heads %d."
              .formatted(bert.hidden(), bert.heads()),
          "Check both against the model's own config.json.");
    }
    if (bert.padding() < 0 || bert.padding() >= bert.vocabulary()) {
      throw new FormatException(
          config.source(),
          "pad_token_id is %d, expected 0 to %d (vocab_size is %d)."
              .formatted(bert.padding(), bert.vocabulary() - 1, bert.vocabulary()),
          "Check both against the model's own config.json.");
    }
    return bert;
  }

  private static int positive(ModelConfig config, String key, int otherwise) {
    int value = config.integer(key, otherwise);
    if (value <= 0) {
      throw new FormatException(
          config.source(),
          "%s is %d, expected 1 or more.".formatted(key, value),
          "Check it against the model's own config.json.");
    }
    return value;
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
