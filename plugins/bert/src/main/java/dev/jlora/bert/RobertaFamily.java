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

/** RoBERTa encoders, and XLM-RoBERTa's, which differ only in the name and the vocabulary. */
final class RobertaFamily implements ModelFamily {
  private final String modelType;
  private final RobertaArchitectures architectures;
  private final Map<String, ModelConfig> presets;

  private RobertaFamily(String modelType, String prefix, Map<String, ModelConfig> presets) {
    this.modelType = modelType;
    this.architectures = new RobertaArchitectures(prefix);
    this.presets = presets;
  }

  static RobertaFamily roberta() {
    return new RobertaFamily(
        "roberta",
        "Roberta",
        Map.of(
            "roberta-base", preset("roberta", 50265, 768, 12, 12),
            "roberta-large", preset("roberta", 50265, 1024, 24, 16)));
  }

  static RobertaFamily xlmRoberta() {
    return new RobertaFamily(
        "xlm-roberta",
        "XLMRoberta",
        Map.of("xlm-roberta-base", preset("xlm-roberta", 250002, 768, 12, 12)));
  }

  /** Sizes of arXiv 1907.11692 and 1911.02116. */
  private static ModelConfig preset(
      String modelType, int vocabulary, int hidden, int layers, int heads) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_type", modelType)
        .put("vocab_size", vocabulary)
        .put("hidden_size", hidden)
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", heads)
        .put("intermediate_size", 4 * hidden)
        .put("max_position_embeddings", 514)
        .put("type_vocab_size", 1)
        .put("layer_norm_eps", 1e-5);
    return ModelConfig.of(modelType, json);
  }

  @Override
  public String modelType() {
    return modelType;
  }

  @Override
  public List<String> architectures() {
    return architectures.names();
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.SEQUENCE_CLASSIFICATION -> architectures.sequence();
          case TaskSpec.TOKEN_CLASSIFICATION -> architectures.token();
          case TaskSpec.MASKED_LM -> architectures.masked();
          case TaskSpec.QUESTION_ANSWERING -> architectures.span();
          case TaskSpec.FEATURE_EXTRACTION, TaskSpec.FEATURE_EXTRACTION_CLS -> architectures.base();
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    return architectures.declare(config, architecture);
  }

  @Override
  public Map<String, ModelConfig> presets() {
    return presets;
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("query", "value");
  }
}
