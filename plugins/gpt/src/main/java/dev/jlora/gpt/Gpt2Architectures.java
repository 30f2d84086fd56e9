package dev.jlora.gpt;

import static dev.jlora.model.layers.Layers.named;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spi.ConfigChecks;
import java.util.List;
import java.util.Map;

/** GPT-2's transformers classes as declared architectures. */
final class Gpt2Architectures {
  static final String BASE = "GPT2Model";
  static final String LANGUAGE = "GPT2LMHeadModel";
  static final String SEQUENCE = "GPT2ForSequenceClassification";
  static final String TOKEN = "GPT2ForTokenClassification";

  static final List<String> NAMES = List.of(BASE, LANGUAGE, SEQUENCE, TOKEN);

  /** Modules of GPT-2 checkpoints other than the decoder, which a task may not use. */
  private static final List<String> ALL_HEADS =
      List.of("lm_head", "score", "classifier", "multiple_choice_head");

  private Gpt2Architectures() {}

  static Architecture declare(ModelConfig source, String name) {
    Gpt2Config config = Gpt2Config.of(source);
    Gpt2Layers gpt = new Gpt2Layers(config);
    Architecture.Builder architecture =
        Architecture.named(name)
            .inputs("input_ids", "attention_mask", "position_ids")
            .basePrefix("transformer")
            .buffers("attn.bias", "attn.masked_bias")
            .otherHeads(ALL_HEADS)
            .maxPositions(config.positions());
    return switch (name) {
      case BASE -> architecture.root(gpt.decoder());
      case LANGUAGE -> language(architecture, gpt);
      case SEQUENCE ->
          architecture.heads("score").root(named("transformer", gpt.decoder()), gpt.score());
      case TOKEN ->
          architecture
              .heads("classifier")
              .root(named("transformer", gpt.decoder()), gpt.classifier());
      default -> throw ConfigChecks.noArchitecture(source, "GPT-2", name, NAMES);
    };
  }

  private static Architecture language(Architecture.Builder architecture, Gpt2Layers gpt) {
    if (gpt.config().tied()) {
      architecture.tied(Map.of("lm_head.weight", "transformer." + Gpt2Layers.WORDS + ".weight"));
    }
    return architecture
        .heads("lm_head")
        .outputEmbedding("lm_head")
        .root(named("transformer", gpt.decoder()), named("lm_head", gpt.languageHead()));
  }
}
