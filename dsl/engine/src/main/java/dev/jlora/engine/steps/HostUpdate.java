package dev.jlora.engine.steps;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Clipping;
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
 * An update that reads and checks every number of a step, which costs nothing on the CPU. Losses
 * are summed in FLOAT64.
 */
final class HostUpdate implements Update {
  private final Optimizer optimizer;
  private final double maxNorm;
  private final Check check;

  /** Rejects non-finite numbers. */
  interface Check {
    /**
     * @param what the name of the number, for the message
     * @throws NonFiniteLossException naming the step and the number
     */
    void finite(String what, double value);
  }

  /**
   * @param maxNorm the maximum gradient norm; 0 for no limit
   */
  HostUpdate(Optimizer optimizer, double maxNorm, Check check) {
    this.optimizer = optimizer;
    this.maxNorm = maxNorm;
    this.check = check;
  }

  @Override
  public DType precision() {
    return DType.FLOAT64;
  }

  @Override
  public void begin() {}

  @Override
  public void see(Tensor loss) {
    check.finite("loss", loss.item());
  }

  @Override
  public Tensor seed(Tensor loss, @Nullable Tensor share) {
    return share == null
        ? Tensor.full(1, loss.dtype(), loss.shape())
        : Ops.clone(Ops.to(share, loss.dtype()));
  }

  @Override
  public Step apply(
      Tensor loss,
      GradientSum sum,
      double learningRate,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    double norm = clip(sum.present());
    if (beforeUpdate != null) {
      beforeUpdate.accept(sum.tensors());
    }
    try (var _ = Profiler.enter(Phase.OPTIMIZER)) {
      optimizer.step(sum.tensors(), learningRate);
    }
    return Step.of(0.0 + loss.item(), norm, learningRate); // a sum from 0 on: never -0
  }

  /** Clips the gradients and returns their norm before clipping. */
  private double clip(List<Tensor> gradients) {
    try (var _ = Profiler.enter(Phase.CLIPPING);
        var _ = Scope.open()) {
      if (gradients.isEmpty()) {
        return 0;
      }
      Clipping clipping = Backend.of(Device.CPU).adam().clip(gradients, maxNorm, null);
      double norm = clipping.norm().item();
      check.finite("gradient norm", norm);
      clipping.apply();
      return norm;
    }
  }

  @Override
  public Map<String, Tensor> state() {
    return Map.of();
  }

  @Override
  public void restore(Map<String, Tensor> saved) {}

  @Override
  public void close() {}
}
