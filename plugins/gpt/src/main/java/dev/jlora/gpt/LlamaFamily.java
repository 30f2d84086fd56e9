package dev.jlora.gpt;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Llama-class decoders, alone or with a head, in one of their variants. */
public final class LlamaFamily implements ModelFamily {
  private final LlamaVariant variant;

  private LlamaFamily(LlamaVariant variant) {
    this.variant = variant;
  }

  /** Llama 1 to 3, and the many models with the type {@code llama}. */
  public static LlamaFamily llama() {
    return new LlamaFamily(LlamaVariant.LLAMA);
  }

  /** Mistral: a sliding window in every layer, if configured. */
  public static LlamaFamily mistral() {
    return new LlamaFamily(LlamaVariant.MISTRAL);
  }

  /**
   * Qwen2 and Qwen2.5: biases on queries, keys and values, a sliding window in the upper layers.
   */
  public static LlamaFamily qwen2() {
    return new LlamaFamily(LlamaVariant.QWEN2);
  }

  @Override
  public String modelType() {
    return variant.modelType();
  }

  @Override
  public List<String> architectures() {
    return variant.architectures();
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.CAUSAL_LM -> variant.language();
          case TaskSpec.SEQUENCE_CLASSIFICATION -> variant.sequence();
          case TaskSpec.TOKEN_CLASSIFICATION -> variant.token();
          case TaskSpec.FEATURE_EXTRACTION, TaskSpec.FEATURE_EXTRACTION_LAST -> variant.base();
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    return LlamaArchitectures.declare(config, variant, architecture);
  }

  @Override
  public Map<String, ModelConfig> presets() {
    return LlamaPresets.of(variant);
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("q_proj", "v_proj");
  }
}
