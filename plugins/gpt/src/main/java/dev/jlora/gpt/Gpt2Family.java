package dev.jlora.gpt;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** GPT-2 decoders, alone or with a head. */
public final class Gpt2Family implements ModelFamily {
  @Override
  public String modelType() {
    return "gpt2";
  }

  @Override
  public List<String> architectures() {
    return Gpt2Architectures.NAMES;
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.CAUSAL_LM -> Gpt2Architectures.LANGUAGE;
          case TaskSpec.SEQUENCE_CLASSIFICATION -> Gpt2Architectures.SEQUENCE;
          case TaskSpec.TOKEN_CLASSIFICATION -> Gpt2Architectures.TOKEN;
          case TaskSpec.FEATURE_EXTRACTION, TaskSpec.FEATURE_EXTRACTION_LAST ->
              Gpt2Architectures.BASE;
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    return Gpt2Architectures.declare(config, architecture);
  }

  @Override
  public Map<String, ModelConfig> presets() {
    return Map.of(
        "gpt2", preset("gpt2", 768, 12, 12), "gpt2-medium", preset("gpt2-medium", 1024, 24, 16));
  }

  /** Sizes of the published checkpoints. */
  private static ModelConfig preset(String name, int width, int layers, int heads) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_type", "gpt2")
        .put("vocab_size", 50257)
        .put("n_positions", 1024)
        .put("n_embd", width)
        .put("n_layer", layers)
        .put("n_head", heads);
    return ModelConfig.of(name, json);
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("c_attn");
  }
}
