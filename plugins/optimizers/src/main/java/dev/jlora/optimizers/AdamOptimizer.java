package dev.jlora.optimizers;

import dev.jlora.backend.AdamUpdates;
import dev.jlora.backend.Backend;
import dev.jlora.backend.StepNumbers;
import dev.jlora.ops.Ops;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adam and AdamW: first and second moments and a step count per parameter, as in PyTorch. */
final class AdamOptimizer implements Optimizer {
  /**
   * A parameter, and its learning rate as a multiple of the step's.
   *
   * @param factor 1 for the step's own rate
   */
  record Rated(ParameterGroup group, double factor) {}

  private record Slot(Rated trained, Tensor average, Tensor squareAverage, Tensor steps) {}

  private record Group(Device device, DType dtype, double weightDecay, double factor) {}

  private final OptimizerSpec spec;
  private final boolean decoupled;
  private final StateTensors state = new StateTensors();
  private final List<Slot> slots = new ArrayList<>();

  /**
   * @param decoupled whether weight decay shrinks the weight itself (AdamW) or is added to the
   *     gradient (Adam)
   */
  AdamOptimizer(List<ParameterGroup> parameters, OptimizerSpec spec, boolean decoupled) {
    this(spec, decoupled, parameters.stream().map(group -> new Rated(group, 1)).toList());
  }

  /** An optimizer whose learning rate differs between parameters. */
  AdamOptimizer(OptimizerSpec spec, boolean decoupled, List<Rated> parameters) {
    this.spec = spec;
    this.decoupled = decoupled;
    try (var _ = Scope.open()) {
      parameters.forEach(rated -> slots.add(slot(rated)));
    }
  }

  private Slot slot(Rated rated) {
    ParameterGroup group = rated.group();
    return new Slot(
        rated,
        state.zeros(group, "exp_avg"),
        state.zeros(group, "exp_avg_sq"),
        state.keep(group, "step", counter(group)));
  }

  private static Tensor counter(ParameterGroup trained) {
    return Tensor.zeros(DType.FLOAT32, trained.parameter().value().device(), 1);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    update(gradients, learningRate, null);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    update(gradients, numbers.learningRate(), numbers);
  }

  /** Updates parameters with a gradient, grouped by dtype, weight decay and learning rate. */
  private void update(
      List<@Nullable Tensor> gradients, double learningRate, @Nullable StepNumbers numbers) {
    var groups = new LinkedHashMap<Group, List<AdamUpdates.Slot>>();
    for (int i = 0; i < slots.size(); i++) {
      Tensor gradient = gradients.get(i);
      if (gradient != null) {
        Slot slot = slots.get(i);
        ParameterGroup trained = slot.trained().group();
        Tensor parameter = trained.parameter().value();
        groups
            .computeIfAbsent(
                new Group(
                    parameter.device(),
                    parameter.dtype(),
                    trained.weightDecay(),
                    slot.trained().factor()),
                _ -> new ArrayList<>())
            .add(
                new AdamUpdates.Slot(
                    parameter, gradient, slot.average(), slot.squareAverage(), slot.steps()));
      }
    }
    try (var _ = Scope.open()) {
      groups.forEach(
          (group, of) ->
              Backend.of(group.device())
                  .adam()
                  .step(rule(learningRate, group), of, scaled(numbers, group.factor())));
    }
  }

  private AdamStep rule(double learningRate, Group group) {
    return new AdamStep(
        decoupled,
        learningRate * group.factor(),
        spec.beta1(),
        spec.beta2(),
        group.weightDecay(),
        spec.epsilon());
  }

  /** The numbers with a multiple of their learning rate. */
  private static @Nullable StepNumbers scaled(@Nullable StepNumbers numbers, double factor) {
    return numbers == null || factor == 1
        ? numbers
        : new StepNumbers(
            numbers.learningRate() * factor, Ops.mul(numbers.rate(), factor), numbers.clipping());
  }

  @Override
  public Map<String, Tensor> state() {
    return state.all();
  }

  @Override
  public void restore(Map<String, Tensor> saved) {
    state.restore(saved);
  }

  @Override
  public void close() {
    state.close();
  }
}
