package dev.jlora.engine.steps;

import dev.jlora.ops.Ops;
import dev.jlora.ops.ScalingOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Map;

/**
 * Scales the loss so that small FLOAT16 gradients do not become zero, like PyTorch's {@code
 * GradScaler}: the scale starts at 65536, is halved when a gradient overflows (that step is
 * skipped), and doubled after 2000 steps without (Micikevicius et al., arXiv 1710.03740). All of it
 * stays on the device.
 */
final class LossScaler implements AutoCloseable {
  private static final double START = 65536;
  private static final double GROWTH = 2;
  private static final double BACKOFF = 0.5;
  private static final int INTERVAL = 2000;
  private static final String SCALE = "loss_scaler.scale";
  private static final String STREAK = "loss_scaler.growth_tracker";

  private final Scope owner = Scope.detached();
  private final Tensor scale;
  private final Tensor streak;

  LossScaler(Device device) {
    try (var _ = Scope.open()) {
      scale = owner.adopt(Tensor.full(START, DType.FLOAT32, device, 1));
      streak = owner.adopt(Tensor.zeros(DType.INT32, device, 1));
    }
  }

  /**
   * The gradient with which backward begins: {@code share} times the scale, in the loss's dtype.
   */
  Tensor scaled(Tensor share) {
    return Ops.mul(share, Ops.to(Views.view(scale), share.dtype()));
  }

  /** The loss scale, FLOAT32 [1]; owned by the scaler. */
  Tensor scale() {
    return scale;
  }

  /**
   * Updates the scale for the next step.
   *
   * @param skipped FLOAT32 [1]: 1 if a gradient of this step was not finite
   */
  void update(Tensor skipped) {
    ScalingOps.update(scale, streak, skipped, GROWTH, BACKOFF, INTERVAL);
  }

  /** The state to save, in addition to the optimizer's. */
  Map<String, Tensor> state() {
    return Map.of(SCALE, scale, STREAK, streak);
  }

  /** Removes and restores its part of a saved state; if that is missing, the scale is reset. */
  void restore(Map<String, Tensor> saved) {
    Tensor savedScale = saved.remove(SCALE);
    Tensor savedStreak = saved.remove(STREAK);
    if (savedScale != null && savedStreak != null) {
      scale.copyFrom(savedScale);
      streak.copyFrom(savedStreak);
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
