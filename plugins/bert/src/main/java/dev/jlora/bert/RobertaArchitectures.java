package dev.jlora.bert;

import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.named;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spi.ConfigChecks;
import java.util.List;
import java.util.Map;

/**
 * RoBERTa's transformers classes as declared architectures. XLM-RoBERTa is the same model under
 * another name; both call their encoder {@code roberta}.
 *
 * @param prefix of the class names: {@code Roberta}, {@code XLMRoberta}
 */
record RobertaArchitectures(String prefix) {
  /** Modules of checkpoints other than the encoder, which a task may not use. */
  private static final List<String> ALL_HEADS =
      List.of("roberta.pooler", "pooler", "lm_head", "classifier", "qa_outputs");

  private static final int VOCABULARY = 50265;
  private static final int PADDING = 1;

  String base() {
    return prefix + "Model";
  }

  String sequence() {
    return prefix + "ForSequenceClassification";
  }

  String token() {
    return prefix + "ForTokenClassification";
  }

  String masked() {
    return prefix + "ForMaskedLM";
  }

  String span() {
    return prefix + "ForQuestionAnswering";
  }

  List<String> names() {
    return List.of(base(), sequence(), token(), masked(), span());
  }

  Architecture declare(ModelConfig source, String name) {
    BertConfig config = BertConfig.of(source, VOCABULARY, PADDING);
    ConfigChecks.positions(source, config.positions(), config.padding());
    RobertaLayers roberta = new RobertaLayers(config);
    Architecture.Builder architecture =
        Architecture.named(name)
            .inputs("input_ids", "token_type_ids", "attention_mask")
            .basePrefix("roberta")
            .buffers("embeddings.position_ids")
            .otherHeads(ALL_HEADS)
            .maxPositions(config.positions() - config.padding() - 1);
    var encoder = named("roberta", roberta.encoder());
    if (name.equals(base())) {
      return architecture
          .heads("pooler")
          .outputs("last_hidden_state", "pooler_output")
          .root(roberta.encoder(), firstToken(), roberta.bert().pooler());
    } else if (name.equals(sequence())) {
      return architecture
          .heads("classifier.dense", "classifier.out_proj")
          .root(encoder, firstToken(), roberta.classificationHead());
    } else if (name.equals(token())) {
      return architecture.heads("classifier").root(encoder, roberta.bert().classifier());
    } else if (name.equals(span())) {
      return architecture.heads("qa_outputs").root(encoder, roberta.bert().span());
    } else if (name.equals(masked())) {
      if (config.tied()) {
        architecture.tied(
            Map.of(
                "lm_head.decoder.weight",
                "roberta." + BertLayers.WORDS + ".weight",
                "lm_head.decoder.bias",
                "lm_head.bias"));
      }
      return architecture
          .heads("lm_head")
          .outputEmbedding("lm_head.decoder")
          .root(encoder, roberta.maskedLanguageHead());
    }
    throw ConfigChecks.noArchitecture(source, prefix, name, names());
  }
}
