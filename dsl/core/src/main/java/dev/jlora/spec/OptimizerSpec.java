package dev.jlora.spec;

import java.util.Map;

/**
 * The optimizer, with PyTorch's defaults except for the learning rate.
 *
 * @param name an optimizer contributed by a plugin: {@code adamw} (default), {@code adam}, {@code
 *     sgd}
 * @param learningRate the peak learning rate; default 2e-4, a usual value for adapters
 *     (transformers' 5e-5 is meant for full fine-tuning)
 * @param weightDecay default 0
 * @param decayBiasAndNorm whether weight decay applies to biases and norms as well; default false,
 *     as in transformers
 * @param beta1 decay rate of the first moment; default 0.9
 * @param beta2 decay rate of the second moment; default 0.999
 * @param epsilon default 1e-8
 * @param momentum of {@code sgd}; default 0
 * @param nesterov of {@code sgd}; default false
 * @param parameters specific to this optimizer, see {@link PartSpec#parameters}; default none
 */
public record OptimizerSpec(
    String name,
    double learningRate,
    double weightDecay,
    boolean decayBiasAndNorm,
    double beta1,
    double beta2,
    double epsilon,
    double momentum,
    boolean nesterov,
    Map<String, Object> parameters)
    implements PartSpec {

  public OptimizerSpec {
    parameters = PartParameters.copy(parameters);
    PartParameters.check(Problems.in("optimizer"), OptimizerSpec.class, parameters)
        .unless(!name.isBlank(), "name: got none, expected an optimizer such as adamw")
        .unless(
            learningRate > 0 && Double.isFinite(learningRate),
            "learning_rate: got %s, expected a number above 0 (2e-4 is a common choice)",
            learningRate)
        .unless(
            weightDecay >= 0 && Double.isFinite(weightDecay),
            "weight_decay: got %s, expected 0 or more",
            weightDecay)
        .unless(beta1 >= 0 && beta1 < 1, "beta1: got %s, expected 0 or more and less than 1", beta1)
        .unless(beta2 >= 0 && beta2 < 1, "beta2: got %s, expected 0 or more and less than 1", beta2)
        .unless(
            epsilon > 0 && Double.isFinite(epsilon), "epsilon: got %s, expected above 0", epsilon)
        .unless(
            momentum >= 0 && momentum < 1,
            "momentum: got %s, expected 0 or more and less than 1",
            momentum)
        .unless(
            !nesterov || momentum > 0,
            "nesterov: got true with optimizer.momentum 0, expected momentum")
        .throwIfAny();
  }

  /** An optimizer without parameters of its own. */
  public OptimizerSpec(
      String name,
      double learningRate,
      double weightDecay,
      boolean decayBiasAndNorm,
      double beta1,
      double beta2,
      double epsilon,
      double momentum,
      boolean nesterov) {
    this(
        name,
        learningRate,
        weightDecay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        Map.of());
  }

  public static OptimizerSpec defaults() {
    return of("adamw", 2e-4);
  }

  /** An optimizer with a learning rate and defaults otherwise. */
  public static OptimizerSpec of(String name, double learningRate) {
    return new OptimizerSpec(name, learningRate, 0, false, 0.9, 0.999, 1e-8, 0, false);
  }

  public OptimizerSpec withName(String name) {
    return new OptimizerSpec(
        name,
        learningRate,
        weightDecay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  public OptimizerSpec withLearningRate(double rate) {
    return new OptimizerSpec(
        name,
        rate,
        weightDecay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  public OptimizerSpec withWeightDecay(double decay) {
    return new OptimizerSpec(
        name,
        learningRate,
        decay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  /** Whether weight decay applies to biases and norms. */
  public OptimizerSpec withDecayOfBiasAndNorm(boolean decay) {
    return new OptimizerSpec(
        name,
        learningRate,
        weightDecay,
        decay,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  public OptimizerSpec withBetas(double first, double second) {
    return new OptimizerSpec(
        name,
        learningRate,
        weightDecay,
        decayBiasAndNorm,
        first,
        second,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  public OptimizerSpec withEpsilon(double epsilon) {
    return new OptimizerSpec(
        name,
        learningRate,
        weightDecay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  public OptimizerSpec withMomentum(double momentum) {
    return new OptimizerSpec(
        name,
        learningRate,
        weightDecay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        parameters);
  }

  /** Replaces the optimizer's own parameters. */
  public OptimizerSpec withParameters(Map<String, ?> parameters) {
    return new OptimizerSpec(
        name,
        learningRate,
        weightDecay,
        decayBiasAndNorm,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        PartParameters.copy(parameters));
  }

  /** Replaces the parameters by those of a record from the plugin. */
  public OptimizerSpec withParameters(Spec parameters) {
    return withParameters(parameters.toMap());
  }

  @Override
  public String kind() {
    return "optimizer";
  }

  @Override
  public String toString() {
    return json();
  }
}
