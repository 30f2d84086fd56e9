package dev.jlora.gpt;

import dev.jlora.gpt.rope.Rope;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.spi.ConfigChecks;
import java.util.List;

/**
 * The values of a Llama, Mistral or Qwen2 config.json that determine the model, validated. Defaults
 * are transformers'.
 *
 * @param keyHeads number of key/value heads, a divisor of {@code heads}
 * @param headWidth size of a head; heads times this need not be {@code width}
 * @param rope rotary positions
 * @param queryBias whether queries, keys and values have biases
 * @param outputBias whether the attention's output projection has one
 * @param innerBias whether the linears of the feed-forward have biases
 * @param windows the sliding window of each layer, in tokens; 0 for none
 * @param padding the padding token, or -1
 */
record LlamaConfig(
    int vocabulary,
    int width,
    int inner,
    int layers,
    int heads,
    int keyHeads,
    int headWidth,
    String activation,
    double epsilon,
    Rope rope,
    boolean queryBias,
    boolean outputBias,
    boolean innerBias,
    List<Integer> windows,
    double attentionDropout,
    double classifierDropout,
    int padding,
    boolean tied,
    int labels,
    Init init) {

  static LlamaConfig of(ModelConfig config, LlamaVariant variant) {
    int width = ConfigChecks.width(config, "hidden_size", 4096);
    int layers = ConfigChecks.layers(config, "num_hidden_layers", 32);
    int heads = ConfigChecks.heads(config, "num_attention_heads", 32);
    int keyHeads = variant.keyHeads(config, heads);
    ConfigChecks.multiple(config, "num_attention_heads", heads, "num_key_value_heads", keyHeads);
    int headWidth = headWidth(config, width, heads);
    return new LlamaConfig(
        ConfigChecks.positive(config, "vocab_size", variant.vocabulary()),
        width,
        ConfigChecks.width(config, "intermediate_size", variant.inner()),
        layers,
        heads,
        keyHeads,
        headWidth,
        config.text("hidden_act", "silu"),
        ConfigChecks.epsilon(config, "rms_norm_eps", 1e-6),
        Rope.of(
            config,
            headWidth,
            ConfigChecks.positive(config, "max_position_embeddings", variant.positions())),
        variant.queryBias(config),
        variant.attentionBias(config),
        variant.innerBias(config),
        SlidingWindows.of(config, variant, layers),
        ConfigChecks.dropout(config, "attention_dropout", 0),
        ConfigChecks.dropout(
            config, "classifier_dropout", ConfigChecks.dropout(config, "hidden_dropout", 0.1)),
        config.integer("pad_token_id", -1),
        config.flag("tie_word_embeddings", false),
        config.numLabels(),
        Init.normal(ConfigChecks.deviation(config, "initializer_range", 0.02)));
  }

  private static int headWidth(ModelConfig config, int width, int heads) {
    if (!config.has("head_dim")) {
      ConfigChecks.multiple(config, "hidden_size", width, "num_attention_heads", heads);
    }
    int headWidth = ConfigChecks.heads(config, "head_dim", Math.max(1, width / heads));
    if (headWidth % 2 != 0) {
      throw new FormatException(
          config.source(),
          "a head is %d wide, expected an even number: rotary positions turn pairs."
              .formatted(headWidth),
          "Check head_dim, hidden_size and num_attention_heads.");
    }
    return headWidth;
  }

  /** The row of the word embeddings without a gradient, or -1. */
  int paddingRow() {
    return padding < vocabulary ? Math.max(-1, padding) : -1;
  }
}
