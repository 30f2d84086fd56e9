package dev.jlora.engine;

import dev.jlora.spi.Step;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a step does with its numbers: loss, gradient norm, clipping, update. A {@link HostUpdate}
 * looks at each of them and stops at one that is not finite; a {@link DeviceUpdate} looks at none,
 * so that the host never waits for the device.
 */
sealed interface Update extends AutoCloseable permits HostUpdate, DeviceUpdate {

  /** What the loss of a step is summed in. */
  DType precision();

  /** Begins a step: numbers of the one before are gone. */
  void begin();

  /**
   * Sees the loss of a micro-batch before its backward pass.
   *
   * @throws NonFiniteLossException if it is looked at and not finite
   */
  void see(Tensor loss);

  /**
   * What backward begins with, for a micro-batch's share of the loss.
   *
   * @param share 0-dim in {@link #precision}; null for all of it
   */
  Tensor seed(Tensor loss, @Nullable Tensor share);

  /**
   * Clips the gradients and updates the weights.
   *
   * @param loss of the step, 0-dim in {@link #precision}
   * @param beforeUpdate sees the gradients as the optimizer gets them; null for nobody
   * @throws NonFiniteLossException if the norm is looked at and not finite; no weight has changed
   */
  Step apply(
      Tensor loss,
      GradientSum sum,
      double learningRate,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate);

  /** The state to save, beside the optimizer's. */
  Map<String, Tensor> state();

  /** Takes its own out of a saved state. */
  void restore(Map<String, Tensor> saved);

  @Override
  void close();
}
