package dev.jlora.optimizers;

import dev.jlora.backend.AdamUpdates;
import dev.jlora.backend.Backend;
import dev.jlora.backend.StepNumbers;
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
  private record Slot(ParameterGroup trained, Tensor average, Tensor squareAverage, Tensor steps) {}

  private record Group(Device device, DType dtype, double weightDecay) {}

  private final OptimizerSpec spec;
  private final boolean decoupled;
  private final StateTensors state = new StateTensors();
  private final List<Slot> slots = new ArrayList<>();

  /**
   * @param decoupled whether weight decay shrinks the weight itself (AdamW) or is added to the
   *     gradient (Adam)
   */
  AdamOptimizer(List<ParameterGroup> parameters, OptimizerSpec spec, boolean decoupled) {
    this.spec = spec;
    this.decoupled = decoupled;
    StateTensors.inScope(
        parameters,
        trained ->
            slots.add(
                new Slot(
                    trained,
                    state.zeros(trained, "exp_avg"),
                    state.zeros(trained, "exp_avg_sq"),
                    state.keep(trained, "step", counter(trained)))));
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

  /** Updates parameters with a gradient, grouped by dtype and weight decay. */
  private void update(
      List<@Nullable Tensor> gradients, double learningRate, @Nullable StepNumbers numbers) {
    var groups = new LinkedHashMap<Group, List<AdamUpdates.Slot>>();
    for (int i = 0; i < slots.size(); i++) {
      Tensor gradient = gradients.get(i);
      if (gradient != null) {
        Slot slot = slots.get(i);
        Tensor parameter = slot.trained().parameter().value();
        groups
            .computeIfAbsent(
                new Group(parameter.device(), parameter.dtype(), slot.trained().weightDecay()),
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
                  .step(rule(learningRate, group.weightDecay()), of, numbers));
    }
  }

  private AdamStep rule(double learningRate, double weightDecay) {
    return new AdamStep(
        decoupled, learningRate, spec.beta1(), spec.beta2(), weightDecay, spec.epsilon());
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
