package dev.jlora.adapters.ia3;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * PEFT's tables of IA3's modules by model type, and rows of the same kind for families that PEFT
 * lacks: XLM-RoBERTa, DistilBERT, ViT.
 */
final class Ia3Defaults {
  private static final Map<String, Modules> BY_TYPE =
      Map.ofEntries(
          Map.entry("bert", modules("output.dense", "key", "value")),
          Map.entry("roberta", modules("output.dense", "key", "value")),
          Map.entry("xlm-roberta", modules("output.dense", "key", "value")),
          Map.entry("vit", modules("output.dense", "key", "value")),
          Map.entry("distilbert", modules("ffn.lin2", "k_lin", "v_lin")),
          Map.entry("gpt2", modules("mlp.c_proj", "c_attn")),
          Map.entry("gpt_bigcode", modules("mlp.c_proj", "c_attn")),
          Map.entry("gpt_neo", modules("c_proj", "q_proj", "v_proj")),
          Map.entry("gpt_neox", modules("dense_4h_to_h", "query_key_value")),
          Map.entry("gptj", modules("fc_out", "q_proj", "v_proj")),
          Map.entry("opt", modules("fc2", "q_proj", "k_proj")),
          Map.entry("bloom", modules("mlp.dense_4h_to_h", "query_key_value")),
          Map.entry("falcon", modules("dense_4h_to_h", "query_key_value")),
          Map.entry("llama", modules("down_proj", "k_proj", "v_proj")),
          Map.entry("llama4", modules("down_proj", "q_proj", "v_proj")),
          Map.entry("mistral", modules("down_proj", "k_proj", "v_proj")),
          Map.entry("mixtral", modules("w2", "k_proj", "v_proj")),
          Map.entry("phi", modules("fc2", "q_proj", "v_proj")),
          Map.entry("gemma", modules("down_proj", "q_proj", "v_proj")),
          Map.entry("gemma2", modules("down_proj", "q_proj", "v_proj")),
          Map.entry("gemma3_text", modules("down_proj", "q_proj", "v_proj")),
          Map.entry("qwen2", modules("down_proj", "q_proj", "v_proj")),
          Map.entry("qwen3", modules("down_proj", "q_proj", "v_proj")),
          Map.entry("t5", modules("wo", "k", "v")),
          Map.entry("bart", modules("fc2", "q_proj", "v_proj")),
          Map.entry("deberta", modules("output.dense", "in_proj")),
          Map.entry("deberta-v2", modules("output.dense", "key_proj", "value_proj")));

  private Ia3Defaults() {}

  /**
   * @param targets all targets
   * @param feedforward those whose input is scaled
   */
  private record Modules(List<String> targets, List<String> feedforward) {}

  private static Modules modules(String feedforward, String... attention) {
    List<String> targets = new ArrayList<>(List.of(attention));
    targets.add(feedforward);
    return new Modules(List.copyOf(targets), List.of(feedforward));
  }

  /** The target modules; empty for a type without a row. */
  static List<String> targets(String modelType) {
    Modules modules = BY_TYPE.get(modelType);
    return modules == null ? List.of() : modules.targets;
  }

  /** The modules whose input is scaled; null for a type without a row. */
  static @Nullable List<String> feedforward(String modelType) {
    Modules modules = BY_TYPE.get(modelType);
    return modules == null ? null : modules.feedforward;
  }
}
