package dev.jlora.bert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** BERT encoders, alone or with a head. */
public final class BertFamily implements ModelFamily {
  @Override
  public String modelType() {
    return "bert";
  }

  @Override
  public List<String> architectures() {
    return BertArchitectures.NAMES;
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.SEQUENCE_CLASSIFICATION -> BertArchitectures.SEQUENCE;
          case TaskSpec.TOKEN_CLASSIFICATION -> BertArchitectures.TOKEN;
          case TaskSpec.MASKED_LM -> BertArchitectures.MASKED;
          case TaskSpec.QUESTION_ANSWERING -> BertArchitectures.SPAN;
          case TaskSpec.FEATURE_EXTRACTION, TaskSpec.FEATURE_EXTRACTION_CLS ->
              BertArchitectures.BASE;
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    return BertArchitectures.declare(config, architecture);
  }

  @Override
  public Map<String, ModelConfig> presets() {
    return Map.of(
        "bert-tiny", preset("bert-tiny", 128, 2, 2),
        "bert-base", preset("bert-base", 768, 12, 12),
        "bert-large", preset("bert-large", 1024, 24, 16));
  }

  /** Sizes of the BERT paper (arXiv 1810.04805) and of its smaller siblings. */
  private static ModelConfig preset(String name, int hidden, int layers, int heads) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_type", "bert")
        .put("vocab_size", 30522)
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
