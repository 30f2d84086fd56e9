package dev.jlora.gpt;

import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import java.util.Map;

/** Shapes of published checkpoints, by name, for plans and benchmarks with random weights. */
final class LlamaPresets {
  private LlamaPresets() {}

  static Map<String, ModelConfig> of(LlamaVariant variant) {
    return switch (variant) {
      case LLAMA ->
          Map.of(
              "tinyllama-1.1b",
              preset(
                  "tinyllama-1.1b",
                  """
                  {"model_type": "llama", "vocab_size": 32000, "hidden_size": 2048,
                   "num_hidden_layers": 22, "num_attention_heads": 32, "num_key_value_heads": 4,
                   "intermediate_size": 5632, "max_position_embeddings": 2048,
                   "rms_norm_eps": 1e-5}
                  """),
              "llama-3.2-1b",
              preset(
                  "llama-3.2-1b",
                  """
                  {"model_type": "llama", "vocab_size": 128256, "hidden_size": 2048,
                   "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
                   "head_dim": 64, "intermediate_size": 8192, "max_position_embeddings": 131072,
                   "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "tie_word_embeddings": true,
                   "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
                  """));
      case MISTRAL ->
          Map.of(
              "mistral-7b",
              preset(
                  "mistral-7b",
                  """
                  {"model_type": "mistral", "vocab_size": 32000, "hidden_size": 4096,
                   "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
                   "intermediate_size": 14336, "max_position_embeddings": 32768,
                   "rms_norm_eps": 1e-5, "sliding_window": 4096}
                  """));
      case QWEN2 ->
          Map.of(
              "qwen2-0.5b",
              preset(
                  "qwen2-0.5b",
                  """
                  {"model_type": "qwen2", "vocab_size": 151936, "hidden_size": 896,
                   "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
                   "intermediate_size": 4864, "max_position_embeddings": 131072,
                   "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true}
                  """));
    };
  }

  private static ModelConfig preset(String name, String json) {
    return ModelConfig.of(name, Json.object(json, name));
  }
}
