package dev.jlora.gpt;

import dev.jlora.io.ModelConfig;
import dev.jlora.spi.ConfigChecks;
import java.util.List;

/**
 * Variants of one decoder: their names, and their defaults for keys that a config.json lacks
 * (transformers' defaults).
 */
enum LlamaVariant {
  LLAMA("llama", "Llama", 32000, 11008, 2048),
  MISTRAL("mistral", "Mistral", 32000, 14336, 131072),
  QWEN2("qwen2", "Qwen2", 151936, 22016, 32768);

  private final String modelType;
  private final String title;
  private final int vocabulary;
  private final int inner;
  private final int positions;

  LlamaVariant(String modelType, String title, int vocabulary, int inner, int positions) {
    this.modelType = modelType;
    this.title = title;
    this.vocabulary = vocabulary;
    this.inner = inner;
    this.positions = positions;
  }

  /** The value of {@code model_type}. */
  String modelType() {
    return modelType;
  }

  /** The prefix of its transformers class names. */
  String title() {
    return title;
  }

  int vocabulary() {
    return vocabulary;
  }

  int inner() {
    return inner;
  }

  int positions() {
    return positions;
  }

  String base() {
    return title + "Model";
  }

  String language() {
    return title + "ForCausalLM";
  }

  String sequence() {
    return title + "ForSequenceClassification";
  }

  String token() {
    return title + "ForTokenClassification";
  }

  List<String> architectures() {
    return List.of(base(), language(), sequence(), token());
  }

  /** Number of key/value heads; null in a config means as many as query heads. */
  int keyHeads(ModelConfig config, int heads) {
    String key = "num_key_value_heads";
    boolean said = config.json().has(key) || this == LLAMA;
    int otherwise = said ? heads : this == MISTRAL ? 8 : 32;
    return ConfigChecks.heads(config, key, otherwise);
  }

  /** Whether queries, keys and values have biases. */
  boolean queryBias(ModelConfig config) {
    return this == QWEN2 || attentionBias(config);
  }

  /** Whether the attention's output projection has a bias. */
  boolean attentionBias(ModelConfig config) {
    return this == LLAMA && config.flag("attention_bias", false);
  }

  /** Whether the linears of the feed-forward have biases. */
  boolean innerBias(ModelConfig config) {
    return this == LLAMA && config.flag("mlp_bias", false);
  }
}
