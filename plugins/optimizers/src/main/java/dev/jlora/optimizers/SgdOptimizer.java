package dev.jlora.optimizers;

import dev.jlora.backend.StepNumbers;
import dev.jlora.ops.OptimizerOps;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent with optional momentum. A momentum buffer of zeros gives PyTorch's
 * first step (the buffer becomes the gradient), so the buffers are the whole state.
 */
final class SgdOptimizer implements Optimizer {
  private final OptimizerSpec spec;
  private final List<ParameterGroup> parameters;
  private final StateTensors state = new StateTensors();
  private final List<Tensor> buffers = new ArrayList<>();

  SgdOptimizer(List<ParameterGroup> parameters, OptimizerSpec spec) {
    this.spec = spec;
    this.parameters = List.copyOf(parameters);
    if (spec.momentum() != 0) {
      StateTensors.inScope(
          parameters, trained -> buffers.add(state.zeros(trained, "momentum_buffer")));
    }
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    update(gradients, learningRate, null);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    numbers.clipping().apply();
    update(gradients, numbers.learningRate(), numbers.clipping().skip());
  }

  private void update(
      List<@Nullable Tensor> gradients, double learningRate, @Nullable Tensor skip) {
    for (int i = 0; i < parameters.size(); i++) {
      Tensor gradient = gradients.get(i);
      if (gradient != null) {
        OptimizerOps.sgd(
            List.of(parameters.get(i).parameter().value()),
            List.of(gradient),
            buffers.isEmpty() ? List.of() : List.of(buffers.get(i)),
            parameters.get(i).weightDecay(),
            spec.momentum(),
            learningRate,
            0,
            spec.nesterov(),
            false,
            skip);
      }
    }
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
