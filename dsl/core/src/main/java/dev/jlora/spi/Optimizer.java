package dev.jlora.spi;

import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Updates parameters in place from their gradients. It owns its state (moments, step counts) until
 * it is closed; parameters and gradients belong to the caller.
 */
public interface Optimizer extends AutoCloseable {

  /**
   * Updates the parameters once.
   *
   * @param gradients one per parameter in the order of creation, same shape and dtype; null for a
   *     parameter that was not used, which then is not updated
   * @param learningRate of this step, including the schedule's factor
   */
  void step(List<@Nullable Tensor> gradients, double learningRate);

  /**
   * Updates the parameters once, unless a flag on the device skips the step. An implementation need
   * not read the flag on the host; this default reads it, which waits for the device. On {@link
   * Device#META}, where there are no values, it always updates, for the memory computation of a
   * plan.
   *
   * @param gradients before clipping; {@link Clipping#apply} clips them, unless the update does so
   *     itself
   * @param numbers a {@link Clipping#skip} of 1 leaves parameters and state unchanged, 0 updates
   */
  default void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    numbers.clipping().apply();
    Tensor skip = numbers.clipping().skip();
    if (skip.device().kind() == Device.Kind.META || skip.item() == 0) {
      step(gradients, numbers.learningRate());
    }
  }

  /**
   * The learning rates of the parameter groups for a step's rate, in a fixed order; by default
   * there is one group, with that rate.
   */
  default List<Double> learningRates(double learningRate) {
    return List.of(learningRate);
  }

  /**
   * The state to save, by name ({@code <parameter>.exp_avg}). The optimizer keeps ownership of the
   * tensors, which are valid until its next step.
   */
  Map<String, Tensor> state();

  /**
   * Restores a saved state, bit for bit.
   *
   * @throws IllegalArgumentException naming what is missing, unexpected or has another shape
   */
  void restore(Map<String, Tensor> state);

  @Override
  void close();
}
