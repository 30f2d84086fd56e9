package dev.jlora.spi;

import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.spec.OptimizerSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parameter with its optimizer settings.
 *
 * @param parameter the trainable parameter
 * @param weightDecay of this parameter: biases and norms may be exempt
 * @param pair the low-rank update of which the parameter is a factor; null for other parameters
 */
public record ParameterGroup(Parameter parameter, double weightDecay, @Nullable LowRankPair pair) {

  /** A parameter that is not a factor of a low-rank update. */
  public ParameterGroup(Parameter parameter, double weightDecay) {
    this(parameter, weightDecay, null);
  }

  /** Whether the parameter is LoRA's B, on any module but an embedding. */
  public boolean up() {
    return pair != null && !pair.embedding() && pair.up() == parameter;
  }

  /**
   * The parameters of a run. As with transformers' Trainer, biases and the parameters of norms are
   * not decayed unless the job sets {@code decay_bias_and_norm}; {@link Parameter#kind} identifies
   * them.
   *
   * @param pairs the low-rank updates that the run trains
   */
  public static List<ParameterGroup> of(
      List<Parameter> trained, Collection<LowRankPair> pairs, OptimizerSpec spec) {
    Map<Parameter, LowRankPair> factors = new HashMap<>();
    for (LowRankPair pair : pairs) {
      factors.put(pair.down(), pair);
      factors.put(pair.up(), pair);
    }
    return trained.stream()
        .map(it -> new ParameterGroup(it, decay(it, spec), factors.get(it)))
        .toList();
  }

  private static double decay(Parameter parameter, OptimizerSpec spec) {
    boolean decayed = spec.decayBiasAndNorm() || parameter.kind() == ParameterSpec.Kind.WEIGHT;
    return decayed ? spec.weightDecay() : 0;
  }
}
