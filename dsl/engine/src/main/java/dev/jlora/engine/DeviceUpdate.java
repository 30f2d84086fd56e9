package dev.jlora.engine;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Optimizer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a step on a GPU: norm, clipping and update by numbers that the host does not look at,
 * so that it never waits. A norm that is not finite leaves every weight as it was; whoever reads
 * the loss at the next log line finds out.
 */
final class DeviceUpdate implements AutoCloseable {
  private final Device device;
  private final @Nullable LossScaler scaler;
  private final Scope owner = Scope.detached();
  private final Tensor rate;
  private Scope numbers = Scope.detached();

  /**
   * @param half whether gradients go through FLOAT16 and so need a scaled loss
   */
  DeviceUpdate(Device device, boolean half) {
    this.device = device;
    this.scaler = half ? new LossScaler(device) : null;
    try (var _ = Scope.open()) {
      this.rate = owner.adopt(Tensor.zeros(DType.FLOAT32, device, 1));
    }
  }

  /** Where numbers of this step lie until the next one begins. */
  void begin() {
    numbers.close();
    numbers = Scope.detached();
  }

  /** Keeps a number until the next step. */
  Tensor keep(Tensor number) {
    return numbers.adopt(number);
  }

  /**
   * What backward begins with, for a micro-batch's share of the loss.
   *
   * @param share 0-dim FLOAT32 on the device; null for all of it
   */
  Tensor seed(Tensor loss, @Nullable Tensor share) {
    Tensor plain =
        share == null
            ? Tensor.full(1, loss.dtype(), loss.device(), loss.shape())
            : Ops.clone(Ops.to(share, loss.dtype()));
    return scaler == null ? plain : scaler.scaled(plain);
  }

  /**
   * Clips and updates.
   *
   * @param most the largest norm; 0 for any
   * @param beforeUpdate sees the gradients as the optimizer gets them; null for nobody
   * @return the norm before clipping, kept until the next step
   */
  Tensor apply(
      GradientSum sum,
      double most,
      Optimizer optimizer,
      double learningRate,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    List<Tensor> gradients = sum.tensors().stream().filter(Objects::nonNull).toList();
    if (gradients.isEmpty()) {
      try (var _ = Scope.open()) {
        return keep(Tensor.zeros(DType.FLOAT32, device));
      }
    }
    InPlace.fill(rate, learningRate);
    try (var _ = Scope.open()) {
      Clipping clipping =
          Backend.of(device).adam().clip(gradients, most, scaler == null ? null : scaler.scale());
      if (beforeUpdate != null) {
        clipping.apply();
        beforeUpdate.accept(sum.tensors());
      }
      optimizer.step(sum.tensors(), new StepNumbers(learningRate, rate, clipping));
      if (scaler != null) {
        scaler.update(clipping.skip());
      }
      return keep(clipping.norm());
    }
  }

  /** The state to save, beside the optimizer's. */
  Map<String, Tensor> state() {
    return scaler == null ? Map.of() : scaler.state();
  }

  /** Takes its own out of a saved state. */
  void restore(Map<String, Tensor> saved) {
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
