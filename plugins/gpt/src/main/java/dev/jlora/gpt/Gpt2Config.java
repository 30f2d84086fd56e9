package dev.jlora.gpt;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.spi.ConfigChecks;

/**
 * The values of a GPT-2 config.json that determine the model, validated. Defaults are
 * transformers'.
 */
record Gpt2Config(
    int vocabulary,
    int positions,
    int width,
    int layers,
    int heads,
    int inner,
    String activation,
    double residualDropout,
    double embeddingDropout,
    double attentionDropout,
    double classifierDropout,
    double epsilon,
    boolean scaleByWidth,
    boolean scaleByLayer,
    int padding,
    boolean tied,
    int labels,
    Init init) {

  static Gpt2Config of(ModelConfig config) {
    if (config.flag("add_cross_attention", false)) {
      throw new FormatException(
          config.source(),
          "describes a decoder that reads from an encoder (add_cross_attention is true).",
          "Only decoders that stand alone are supported: set it to false if this is one.");
    }
    int width = ConfigChecks.width(config, "n_embd", 768);
    Gpt2Config gpt =
        new Gpt2Config(
            ConfigChecks.positive(config, "vocab_size", 50257),
            ConfigChecks.positive(config, "n_positions", 1024),
            width,
            ConfigChecks.layers(config, "n_layer", 12),
            ConfigChecks.heads(config, "n_head", 12),
            innerWidth(config, width),
            config.text("activation_function", "gelu_new"),
            ConfigChecks.dropout(config, "resid_pdrop", 0.1),
            ConfigChecks.dropout(config, "embd_pdrop", 0.1),
            ConfigChecks.dropout(config, "attn_pdrop", 0.1),
            ConfigChecks.dropout(
                config, "classifier_dropout", ConfigChecks.dropout(config, "hidden_dropout", 0.1)),
            ConfigChecks.epsilon(config, "layer_norm_epsilon", 1e-5),
            config.flag("scale_attn_weights", true),
            config.flag("scale_attn_by_inverse_layer_idx", false),
            config.integer("pad_token_id", -1),
            config.flag("tie_word_embeddings", true),
            config.numLabels(),
            Init.normal(ConfigChecks.deviation(config, "initializer_range", 0.02)));
    ConfigChecks.multiple(config, "n_embd", gpt.width(), "n_head", gpt.heads());
    return gpt;
  }

  private static int innerWidth(ModelConfig config, int width) {
    return config.has("n_inner") ? ConfigChecks.width(config, "n_inner", width) : 4 * width;
  }

  /** The scale of a layer's attention scores. */
  double attentionScale(int layer) {
    double scale = scaleByWidth ? 1 / Math.sqrt((double) width / heads) : 1;
    return scaleByLayer ? scale / (layer + 1) : scale;
  }
}
