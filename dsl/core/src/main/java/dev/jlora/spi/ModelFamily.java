package dev.jlora.spi;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A family of models with the same kind of {@code config.json}: BERT, GPT-2, ViT. */
@PartKind("model family")
public interface ModelFamily {

  /** The {@code model_type} of the configuration: {@code bert}. */
  String modelType();

  /** The supported transformers classes. */
  List<String> architectures();

  /** The class for a task ({@code sequence-classification}); empty if there is none. */
  Optional<String> architecture(String task);

  /**
   * Declares a model; nothing is read or allocated.
   *
   * @param architecture one of {@link #architectures}
   * @throws dev.jlora.io.FormatException if the configuration is incomplete or invalid
   * @throws dev.jlora.model.ModelException if it requires something that this family does not
   *     support
   */
  Architecture declare(ModelConfig config, String architecture);

  /**
   * Named configurations ({@code bert-base}), for benchmarks with random weights; none by default.
   */
  default Map<String, ModelConfig> presets() {
    return Map.of();
  }

  /** The default target modules: PEFT's for this family. */
  List<String> defaultTargets();
}
