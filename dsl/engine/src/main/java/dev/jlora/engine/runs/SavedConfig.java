package dev.jlora.engine.runs;

import dev.jlora.io.ModelConfig;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The {@code config.json} of a saved model, as {@code save_pretrained} writes it. */
final class SavedConfig {
  private static final String DTYPE = "dtype";

  /** The key before version 5 of transformers, which reads both. */
  private static final String OLDER_DTYPE = "torch_dtype";

  private static final String PROBLEM = "problem_type";

  private SavedConfig() {}

  /**
   * The configuration that describes the saved weights.
   *
   * @param config of the network
   * @param base configuration of the base model
   * @param architecture the transformers class of the network
   * @param weights the saved weights
   */
  static ModelConfig of(
      ModelConfig config, ModelConfig base, String architecture, Collection<Tensor> weights) {
    ModelConfig saved =
        withType(config.with("architectures", List.of(architecture)), name(type(weights)));
    return saysNothing(config, base) ? withProblemOf(base, saved) : saved;
  }

  /** Sets the dtype, under the key that the configuration has. */
  private static ModelConfig withType(ModelConfig config, String type) {
    boolean older = config.json().has(OLDER_DTYPE);
    ModelConfig typed = older ? config.with(OLDER_DTYPE, type) : config;
    return older && !config.json().has(DTYPE) ? typed : typed.with(DTYPE, type);
  }

  /** The dtype of most bytes: a trained FLOAT32 head may be saved with BFLOAT16 weights. */
  private static DType type(Collection<Tensor> weights) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    for (Tensor weight : weights) {
      bytes.merge(weight.dtype(), weight.elements() * weight.dtype().bytes(), Long::sum);
    }
    return bytes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(DType.FLOAT32);
  }

  private static String name(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a problem type that the base lacks is transformers' default: regression for one label,
   * single-label classification otherwise.
   */
  private static boolean saysNothing(ModelConfig config, ModelConfig base) {
    String usual = config.numLabels() == 1 ? "regression" : "single_label_classification";
    return !base.has(PROBLEM) && config.problemType().filter(usual::equals).isPresent();
  }

  private static ModelConfig withProblemOf(ModelConfig base, ModelConfig saved) {
    return base.json().has(PROBLEM)
        ? saved.with(PROBLEM, base.json().get(PROBLEM))
        : saved.with(PROBLEM, null);
  }
}
