package dev.jlora.spi;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A family of models that share one {@code config.json}: BERT, GPT-2, ViT. */
@PartKind("model family")
public interface ModelFamily {

  /** What {@code model_type} says in the configuration: {@code bert}. */
  String modelType();

  /** The transformers classes that can be built. */
  List<String> architectures();

  /** The class for a task ({@code sequence-classification}); empty where there is none. */
  Optional<String> architecture(String task);

  /**
   * Declares a model; nothing is read or allocated.
   *
   * @param architecture one of {@link #architectures}
   * @throws dev.jlora.io.FormatException if the configuration lacks something or makes no sense
   * @throws dev.jlora.model.ModelException if it asks for what this family cannot do
   */
  Architecture declare(ModelConfig config, String architecture);

  /**
   * Configurations known by name ({@code bert-base}), for benchmarks on random weights; nothing by
   * default.
   */
  default Map<String, ModelConfig> presets() {
    return Map.of();
  }

  /** The modules an adapter attaches to where a job names none: PEFT's for this family. */
  List<String> defaultTargets();
}
