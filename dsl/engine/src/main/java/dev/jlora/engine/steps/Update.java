package dev.jlora.engine.steps;

import dev.jlora.spi.Step;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a step: loss, gradient norm, clipping, weight update. A {@link HostUpdate} reads each
 * number and stops at a non-finite one. A {@link DeviceUpdate} reads none, so the host never waits
 * for the device.
 */
sealed interface Update extends AutoCloseable permits HostUpdate, DeviceUpdate {

  /** The dtype in which a step's loss is summed. */
  DType precision();

  /** Begins a step and discards the previous step's numbers. */
  void begin();

  /**
   * Receives the loss of a micro-batch before its backward pass.
   *
   * @throws NonFiniteLossException if the update reads the loss and it is not finite
   */
  void see(Tensor loss);

  /**
   * The initial gradient of the backward pass, for a micro-batch's share of the loss.
   *
   * @param share 0-dim in {@link #precision}; null for all of it
   */
  Tensor seed(Tensor loss, @Nullable Tensor share);

  /**
   * Clips the gradients and updates the weights.
   *
   * @param loss of the step, 0-dim in {@link #precision}
   * @param beforeUpdate receives the gradients before the optimizer does; may be null
   * @throws NonFiniteLossException if the update reads the norm and it is not finite; no weight has
   *     changed
   */
  Step apply(
      Tensor loss,
      GradientSum sum,
      double learningRate,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate);

  /** State to save in addition to the optimizer's. */
  Map<String, Tensor> state();

  /** Restores its part of a saved state. */
  void restore(Map<String, Tensor> saved);

  @Override
  void close();
}
