package dev.jlora.bert;

import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.named;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ConfigChecks;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** DistilBERT encoders, alone or with a head. */
final class DistilBertFamily implements ModelFamily {
  static final String BASE = "DistilBertModel";
  static final String SEQUENCE = "DistilBertForSequenceClassification";
  static final String TOKEN = "DistilBertForTokenClassification";
  static final String MASKED = "DistilBertForMaskedLM";
  static final String SPAN = "DistilBertForQuestionAnswering";

  private static final List<String> NAMES = List.of(BASE, SEQUENCE, TOKEN, MASKED, SPAN);

  /** Modules of checkpoints other than the encoder, which a task may not use. */
  private static final List<String> ALL_HEADS =
      List.of(
          "vocab_transform",
          "vocab_layer_norm",
          "vocab_projector",
          "pre_classifier",
          "classifier",
          "qa_outputs");

  @Override
  public String modelType() {
    return "distilbert";
  }

  @Override
  public List<String> architectures() {
    return NAMES;
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.SEQUENCE_CLASSIFICATION -> SEQUENCE;
          case TaskSpec.TOKEN_CLASSIFICATION -> TOKEN;
          case TaskSpec.MASKED_LM -> MASKED;
          case TaskSpec.QUESTION_ANSWERING -> SPAN;
          case TaskSpec.FEATURE_EXTRACTION, TaskSpec.FEATURE_EXTRACTION_CLS -> BASE;
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig source, String name) {
    DistilBertConfig config = DistilBertConfig.of(source);
    DistilBertLayers distil = new DistilBertLayers(config);
    Layer encoder = named("distilbert", distil.encoder());
    Architecture.Builder architecture =
        Architecture.named(name)
            .inputs("input_ids", "attention_mask")
            .basePrefix("distilbert")
            .buffers("embeddings.position_ids")
            .otherHeads(ALL_HEADS)
            .maxPositions(config.positions());
    return switch (name) {
      case BASE -> architecture.root(distil.encoder());
      case SEQUENCE ->
          architecture
              .heads("pre_classifier", "classifier")
              .root(encoder, firstToken(), distil.classificationHead());
      case TOKEN -> architecture.heads("classifier").root(encoder, distil.tokenHead());
      case SPAN -> architecture.heads("qa_outputs").root(encoder, distil.span());
      case MASKED -> {
        if (config.tied()) {
          architecture.tied(Map.of("vocab_projector.weight", DistilBertLayers.WORDS));
        }
        yield architecture
            .heads("vocab_transform", "vocab_layer_norm", "vocab_projector")
            .outputEmbedding("vocab_projector")
            .root(encoder, distil.maskedLanguageHead());
      }
      default -> throw ConfigChecks.noArchitecture(source, "DistilBERT", name, NAMES);
    };
  }

  /** The size of arXiv 1910.01108. */
  @Override
  public Map<String, ModelConfig> presets() {
    return Map.of(
        "distilbert-base",
        ModelConfig.of(
            "distilbert-base",
            JsonNodeFactory.instance.objectNode().put("model_type", "distilbert")));
  }

  /** PEFT has no default targets for DistilBERT; these correspond to BERT's. */
  @Override
  public List<String> defaultTargets() {
    return List.of("q_lin", "v_lin");
  }
}
