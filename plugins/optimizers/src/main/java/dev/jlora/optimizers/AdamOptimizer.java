package dev.jlora.optimizers;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.OptimizerOps;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Decayed;
import dev.jlora.spi.Optimizer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adam and AdamW: first and second moments and a step count for each parameter, as PyTorch's. */
final class AdamOptimizer implements Optimizer {
  private record Slot(Decayed trained, Tensor average, Tensor squareAverage, Tensor steps) {}

  private final OptimizerSpec spec;
  private final boolean decoupled;
  private final StateTensors state = new StateTensors();
  private final List<Slot> slots = new ArrayList<>();

  /**
   * @param decoupled whether decay shrinks the weight itself (AdamW) or joins the gradient (Adam)
   */
  AdamOptimizer(List<Decayed> parameters, OptimizerSpec spec, boolean decoupled) {
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

  private static Tensor counter(Decayed trained) {
    return Tensor.zeros(DType.FLOAT32, trained.parameter().value().device(), 1);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    try (Scope scope = Scope.open()) {
      Collection<Batch> batches = batches(gradients);
      for (Batch batch : batches) {
        for (Tensor steps : batch.steps) {
          InPlace.add(steps, Tensor.ones(DType.FLOAT32, 1), 1);
        }
        batch.update(spec, decoupled, learningRate, null);
      }
    }
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate, Tensor skip) {
    try (Scope scope = Scope.open()) {
      Tensor one = Tensor.ones(DType.FLOAT32, skip.device(), 1);
      Tensor counted = Ops.sub(one, skip);
      for (Batch batch : batches(gradients)) {
        InPlace.addProduct(batch.steps, counted, one);
        batch.update(spec, decoupled, learningRate, skip);
      }
    }
  }

  /** Parameters that have a gradient, by their weight decay. */
  private Collection<Batch> batches(List<@Nullable Tensor> gradients) {
    var batches = new LinkedHashMap<Double, Batch>();
    for (int i = 0; i < slots.size(); i++) {
      Tensor gradient = gradients.get(i);
      if (gradient != null) {
        Slot slot = slots.get(i);
        batches.computeIfAbsent(slot.trained().weightDecay(), Batch::new).add(slot, gradient);
      }
    }
    return batches.values();
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

  /** The parallel lists of one call of the kernel: parameters that share a weight decay. */
  private static final class Batch {
    private final double decay;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Tensor> gradients = new ArrayList<>();
    private final List<Tensor> averages = new ArrayList<>();
    private final List<Tensor> squareAverages = new ArrayList<>();
    private final List<Tensor> steps = new ArrayList<>();

    Batch(double decay) {
      this.decay = decay;
    }

    void add(Slot slot, Tensor gradient) {
      parameters.add(slot.trained().parameter().value());
      gradients.add(gradient);
      averages.add(slot.average());
      squareAverages.add(slot.squareAverage());
      steps.add(slot.steps());
    }

    void update(OptimizerSpec spec, boolean decoupled, double learningRate, @Nullable Tensor skip) {
      OptimizerOps.adam(
          new AdamStep(decoupled, learningRate, spec.beta1(), spec.beta2(), decay, spec.epsilon()),
          parameters,
          gradients,
          averages,
          squareAverages,
          steps,
          skip);
    }
  }
}
