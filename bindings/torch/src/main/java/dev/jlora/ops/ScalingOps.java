package dev.jlora.ops;

import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** ATen's kernels for loss scaling and clipping, controlled by values that stay on the device. */
public final class ScalingOps {
  private static final Operator UNSCALE =
      Operator.of("aten::_amp_foreach_non_finite_check_and_unscale_");
  private static final Operator UPDATE = Operator.of("aten::_amp_update_scale_");
  private static final Operator FOREACH_ZERO_ = Operator.of("aten::_foreach_zero_");
  private static final Operator FOREACH_MUL_ = Operator.of("aten::_foreach_mul_.Tensor");

  private ScalingOps() {}

  /**
   * Multiplies tensors in place and records whether one has a non-finite value.
   *
   * @param found one-element FLOAT32; set to 1 in that case, unchanged otherwise
   * @param inverseScale one-element FLOAT32
   */
  public static void unscale(List<Tensor> tensors, Tensor found, Tensor inverseScale) {
    UNSCALE.run(0, tensors.toArray(Tensor[]::new), found, inverseScale);
  }

  /**
   * Reduces a scale in place after a non-finite value; increases it after {@code interval} calls
   * without one.
   *
   * @param scale one-element FLOAT32
   * @param streak one-element INT32: calls since the last non-finite value
   */
  public static void update(
      Tensor scale, Tensor streak, Tensor found, double growth, double backoff, long interval) {
    UPDATE.run(1, scale, streak, found, growth, backoff, interval);
  }

  /** Sets tensors to zero. */
  public static void zero(List<Tensor> tensors) {
    FOREACH_ZERO_.run(0, (Object) tensors.toArray(Tensor[]::new));
  }

  /** Multiplies tensors in place by one factor, 0-dim and on their device. */
  public static void multiply(List<Tensor> tensors, Tensor factor) {
    FOREACH_MUL_.run(0, tensors.toArray(Tensor[]::new), factor);
  }
}
