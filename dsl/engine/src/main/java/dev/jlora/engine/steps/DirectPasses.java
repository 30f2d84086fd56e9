package dev.jlora.engine.steps;

import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Executes passes operator by operator. Gradients are valid until the end of the step. */
final class DirectPasses implements GradientPasses {
  private final List<Parameter> trained;
  private final DType precision;
  private final Device device;
  private final Work work;
  private @Nullable Scope numbers; // as the next two, of a step that has begun
  private @Nullable GradientSum gradients;
  private @Nullable Tensor loss;

  DirectPasses(List<Parameter> trained, DType precision, Device device, Work work) {
    this.trained = trained;
    this.precision = precision;
    this.device = device;
    this.work = work;
  }

  @Override
  public void begin() {
    end();
    numbers = Scope.detached();
    gradients = new GradientSum(trained);
  }

  @Override
  public void add(Map<String, Tensor> batch, double part) {
    try (var _ = Scope.open()) {
      Tensor share = part == 1 ? null : Tensor.full(part, precision, device);
      Tensor mine = work.run(batch, share, gradients);
      loss = numbers.adopt(loss == null ? mine : Ops.add(loss, mine));
    }
  }

  @Override
  public GradientSum gradients() {
    return gradients;
  }

  @Override
  public Tensor loss() {
    return loss;
  }

  @Override
  public void end() {
    if (numbers != null) {
      gradients.close();
      numbers.close();
    }
    numbers = null;
    gradients = null;
    loss = null;
  }

  @Override
  public void close() {
    end();
  }
}
