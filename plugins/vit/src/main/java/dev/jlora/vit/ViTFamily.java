package dev.jlora.vit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Vision transformers, alone or with an image classifier. */
public final class ViTFamily implements ModelFamily {
  @Override
  public String modelType() {
    return "vit";
  }

  @Override
  public List<String> architectures() {
    return ViTArchitectures.NAMES;
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.IMAGE_CLASSIFICATION -> ViTArchitectures.CLASSIFIER;
          case TaskSpec.IMAGE_FEATURE_EXTRACTION, TaskSpec.IMAGE_FEATURE_EXTRACTION_CLS ->
              ViTArchitectures.BASE;
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    return ViTArchitectures.declare(config, architecture);
  }

  @Override
  public Map<String, ModelConfig> presets() {
    return Map.of(
        "vit-base", preset("vit-base", 768, 12, 12),
        "vit-large", preset("vit-large", 1024, 24, 16));
  }

  /** Sizes of the ViT paper (arXiv 2010.11929), with patches of 16 pixels in images of 224. */
  private static ModelConfig preset(String name, int hidden, int layers, int heads) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_type", "vit")
        .put("image_size", 224)
        .put("patch_size", 16)
        .put("num_channels", 3)
        .put("hidden_size", hidden)
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", heads)
        .put("intermediate_size", 4 * hidden);
    return ModelConfig.of(name, json);
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("query", "value");
  }
}
