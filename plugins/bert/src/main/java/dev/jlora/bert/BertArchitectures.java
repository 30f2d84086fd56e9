package dev.jlora.bert;

import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.named;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spi.ConfigChecks;
import java.util.List;
import java.util.Map;

/** BERT's transformers classes as declared architectures. */
final class BertArchitectures {
  static final String BASE = "BertModel";
  static final String SEQUENCE = "BertForSequenceClassification";
  static final String TOKEN = "BertForTokenClassification";
  static final String MASKED = "BertForMaskedLM";
  static final String SPAN = "BertForQuestionAnswering";

  static final List<String> NAMES = List.of(BASE, SEQUENCE, TOKEN, MASKED, SPAN);

  /** Modules of BERT checkpoints other than the encoder, which a task may not use. */
  private static final List<String> ALL_HEADS =
      List.of("bert.pooler", "pooler", "cls", "classifier", "qa_outputs");

  private BertArchitectures() {}

  static Architecture declare(ModelConfig source, String name) {
    BertConfig config = BertConfig.of(source);
    BertLayers bert = new BertLayers(config);
    Architecture.Builder architecture =
        Architecture.named(name)
            .inputs("input_ids", "token_type_ids", "attention_mask")
            .basePrefix("bert")
            .buffers("embeddings.position_ids")
            .otherHeads(ALL_HEADS)
            .maxPositions(config.positions());
    return switch (name) {
      case BASE ->
          architecture
              .heads("pooler")
              .outputs("last_hidden_state", "pooler_output")
              .root(bert.encoder(), firstToken(), bert.pooler());
      case SEQUENCE ->
          architecture
              .heads("bert.pooler", "classifier")
              .root(
                  named("bert", bert.encoder()),
                  firstToken(),
                  named("bert", bert.pooler()),
                  bert.classifier());
      case TOKEN ->
          architecture.heads("classifier").root(named("bert", bert.encoder()), bert.classifier());
      case MASKED -> masked(architecture, bert);
      case SPAN ->
          architecture.heads("qa_outputs").root(named("bert", bert.encoder()), bert.span());
      default -> throw ConfigChecks.noArchitecture(source, "BERT", name, NAMES);
    };
  }

  private static Architecture masked(Architecture.Builder architecture, BertLayers bert) {
    if (bert.config().tied()) {
      architecture.tied(
          Map.of(
              "cls.predictions.decoder.weight",
              "bert." + BertLayers.WORDS + ".weight",
              "cls.predictions.decoder.bias",
              "cls.predictions.bias"));
    }
    return architecture
        .heads("cls.predictions")
        .outputEmbedding("cls.predictions.decoder")
        .root(named("bert", bert.encoder()), named("cls.predictions", bert.maskedLanguageHead()));
  }
}
