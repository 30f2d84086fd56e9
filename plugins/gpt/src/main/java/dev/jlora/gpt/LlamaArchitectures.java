package dev.jlora.gpt;

import static dev.jlora.model.layers.Layers.named;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spi.ConfigChecks;
import java.util.List;
import java.util.Map;

/** The transformers classes of Llama, Mistral and Qwen2 as declared architectures. */
final class LlamaArchitectures {
  /** Modules of checkpoints other than the decoder, which a task may not use. */
  private static final List<String> ALL_HEADS = List.of("lm_head", "score", "qa_outputs");

  private LlamaArchitectures() {}

  static Architecture declare(ModelConfig source, LlamaVariant variant, String name) {
    LlamaConfig config = LlamaConfig.of(source, variant);
    LlamaLayers llama = new LlamaLayers(config);
    Architecture.Builder architecture =
        Architecture.named(name)
            .inputs("input_ids", "attention_mask", "position_ids")
            .basePrefix("model")
            .buffers("rotary_emb.inv_freq")
            .otherHeads(ALL_HEADS)
            .maxPositions(config.rope().context());
    if (name.equals(variant.base())) {
      return architecture.root(llama.decoder());
    }
    if (name.equals(variant.language())) {
      return language(architecture, llama);
    }
    if (name.equals(variant.sequence())) {
      return architecture
          .heads("score")
          .root(named("model", llama.decoder()), llama.sequenceScore());
    }
    if (name.equals(variant.token())) {
      return architecture.heads("score").root(named("model", llama.decoder()), llama.tokenScore());
    }
    throw ConfigChecks.noArchitecture(source, variant.title(), name, variant.architectures());
  }

  private static Architecture language(Architecture.Builder architecture, LlamaLayers llama) {
    if (llama.config().tied()) {
      architecture.tied(Map.of("lm_head.weight", "model." + LlamaLayers.WORDS + ".weight"));
    }
    return architecture
        .heads("lm_head")
        .outputEmbedding("lm_head")
        .root(named("model", llama.decoder()), named("lm_head", llama.languageHead()));
  }
}
