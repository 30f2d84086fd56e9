package dev.jlora.optimizers;

import dev.jlora.backend.StepNumbers;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.optimizers.AdamOptimizer.Rated;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoRA+ (Hayou et al., arXiv 2402.12354): AdamW with a higher learning rate for B, and one of its
 * own for the factors on embeddings. The groups are those of PEFT's {@code
 * create_loraplus_optimizer}: vectors, such as biases and DoRA's magnitudes, are trained at B's
 * rate; everything else, such as a head's weight, at A's.
 */
final class LoraPlus implements Optimizer {
  /** PEFT's groups, in its order. */
  private enum Group {
    A,
    EMBEDDING,
    B,
    B_WITHOUT_DECAY;

    static Group of(ParameterGroup of) {
      Parameter parameter = of.parameter();
      if (of.pair() != null && of.pair().embedding()) {
        return EMBEDDING;
      }
      if (of.up() || parameter.value().rank() == 1) {
        return parameter.kind() == ParameterSpec.Kind.WEIGHT ? B : B_WITHOUT_DECAY;
      }
      return A;
    }

    /** The learning rate as a multiple of A's. */
    double factor(LoraPlusSpec own, double learningRate) {
      return switch (this) {
        case A -> 1;
        case EMBEDDING -> own.loraplusLrEmbedding() / learningRate;
        case B, B_WITHOUT_DECAY -> own.loraplusLrRatio();
      };
    }
  }

  private final OptimizerSpec spec;
  private final LoraPlusSpec own;
  private final AdamOptimizer adam;

  LoraPlus(List<ParameterGroup> parameters, OptimizerSpec spec) {
    Problems.in("optimizer")
        .unless(
            spec.weightDecay() == 0,
            "weight_decay: got %s, expected 0 for loraplus; set loraplus_weight_decay",
            spec.weightDecay())
        .unless(
            !spec.decayBiasAndNorm(),
            "decay_bias_and_norm: got true, expected false for loraplus, which never decays them")
        .throwIfAny();
    this.spec = spec;
    this.own = spec.parametersAs(LoraPlusSpec.class);
    this.adam =
        new AdamOptimizer(
            spec, /* decoupled= */ true, parameters.stream().map(this::rated).toList());
  }

  private Rated rated(ParameterGroup given) {
    Group group = Group.of(given);
    double decay = group == Group.B_WITHOUT_DECAY ? 0 : own.loraplusWeightDecay();
    return new Rated(
        new ParameterGroup(given.parameter(), decay, given.pair()),
        group.factor(own, spec.learningRate()));
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    adam.step(gradients, learningRate);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    adam.step(gradients, numbers);
  }

  /** The rates of A, the embeddings, B, and B's group without decay. */
  @Override
  public List<Double> learningRates(double learningRate) {
    return Arrays.stream(Group.values())
        .map(group -> learningRate * group.factor(own, spec.learningRate()))
        .toList();
  }

  @Override
  public Map<String, Tensor> state() {
    return adam.state();
  }

  @Override
  public void restore(Map<String, Tensor> saved) {
    adam.restore(saved);
  }

  @Override
  public void close() {
    adam.close();
  }
}
