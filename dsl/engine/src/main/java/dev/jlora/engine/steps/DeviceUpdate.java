package dev.jlora.engine.steps;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.Step;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Norm, clipping and update on a GPU, or with a scaled loss, without reading any number on the
 * host, which therefore never waits. A non-finite norm leaves every weight unchanged; it shows in
 * the loss at the next log line.
 */
final class DeviceUpdate implements Update {
  private final Device device;
  private final Optimizer optimizer;
  private final double maxNorm;
  private final @Nullable LossScaler scaler;
  private final Scope owner = Scope.detached();
  private final Tensor rate;
  private Scope numbers = Scope.detached();

  /**
   * @param maxNorm the maximum gradient norm; 0 for no limit
   * @param half whether gradients are FLOAT16 and therefore need loss scaling
   */
  DeviceUpdate(Device device, Optimizer optimizer, double maxNorm, boolean half) {
    this.device = device;
    this.optimizer = optimizer;
    this.maxNorm = maxNorm;
    this.scaler = half ? new LossScaler(device) : null;
    try (var _ = Scope.open()) {
      this.rate = owner.adopt(Tensor.zeros(DType.FLOAT32, device, 1));
    }
  }

  @Override
  public DType precision() {
    return DType.FLOAT32;
  }

  /** Begins a step. The previous step's loss and norm can no longer be read. */
  @Override
  public void begin() {
    numbers.close();
    numbers = Scope.detached();
  }

  @Override
  public void see(Tensor loss) {}

  @Override
  public Tensor seed(Tensor loss, @Nullable Tensor share) {
    Tensor plain =
        share == null
            ? Tensor.full(1, loss.dtype(), loss.device(), loss.shape())
            : Ops.clone(Ops.to(share, loss.dtype()));
    return scaler == null ? plain : scaler.scaled(plain);
  }

  @Override
  public Step apply(
      Tensor loss,
      GradientSum sum,
      double learningRate,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    try (var _ = Profiler.enter(Phase.OPTIMIZER);
        var _ = Scope.open()) {
      Tensor norm = numbers.adopt(update(sum, learningRate, beforeUpdate));
      return Step.pending(numbers.adopt(loss.share()), norm, learningRate);
    }
  }

  /** Updates the weights and returns the norm before clipping, in the current scope. */
  private Tensor update(
      GradientSum sum,
      double learningRate,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    List<Tensor> gradients = sum.present();
    if (gradients.isEmpty()) {
      return Tensor.zeros(DType.FLOAT32, device);
    }
    InPlace.fill(rate, learningRate);
    Clipping clipping =
        Backend.of(device).adam().clip(gradients, maxNorm, scaler == null ? null : scaler.scale());
    if (beforeUpdate != null) {
      clipping.apply();
      beforeUpdate.accept(sum.tensors());
    }
    optimizer.step(sum.tensors(), new StepNumbers(learningRate, rate, clipping));
    if (scaler != null) {
      scaler.update(clipping.skip());
    }
    return clipping.norm();
  }

  @Override
  public Map<String, Tensor> state() {
    return scaler == null ? Map.of() : scaler.state();
  }

  @Override
  public void restore(Map<String, Tensor> saved) {
    if (scaler != null) {
      scaler.restore(saved);
    }
  }

  @Override
  public void close() {
    numbers.close();
    owner.close();
    if (scaler != null) {
      scaler.close();
    }
  }
}
