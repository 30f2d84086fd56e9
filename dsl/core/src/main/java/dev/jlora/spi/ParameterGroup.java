package dev.jlora.spi;

import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.spec.OptimizerSpec;
import java.util.List;

/**
 * A parameter with its optimizer settings.
 *
 * @param parameter the trainable parameter
 * @param weightDecay of this parameter: biases and norms may be exempt
 */
public record ParameterGroup(Parameter parameter, double weightDecay) {

  /**
   * The parameters of a run. As with transformers' Trainer, biases and the parameters of norms are
   * not decayed unless the job sets {@code decay_bias_and_norm}; {@link Parameter#kind} identifies
   * them.
   */
  public static List<ParameterGroup> of(List<Parameter> trained, OptimizerSpec spec) {
    return trained.stream()
        .map(parameter -> new ParameterGroup(parameter, decay(parameter, spec)))
        .toList();
  }

  private static double decay(Parameter parameter, OptimizerSpec spec) {
    boolean decayed = spec.decayBiasAndNorm() || parameter.kind() == ParameterSpec.Kind.WEIGHT;
    return decayed ? spec.weightDecay() : 0;
  }
}
