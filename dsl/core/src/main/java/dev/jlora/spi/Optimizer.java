package dev.jlora.spi;

import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves parameters along their gradients, in place. It owns its state (moments, step counts) until
 * it is closed; parameters and gradients are lent to it.
 */
public interface Optimizer extends AutoCloseable {

  /**
   * One update.
   *
   * @param gradients one per parameter in the order of creation, same shape and dtype; null where a
   *     parameter took no part, which then stays as it is
   * @param learningRate the rate of this step, the schedule's factor included
   */
  void step(List<@Nullable Tensor> gradients, double learningRate);

  /**
   * One update, unless a number on the device forbids it. The host need not look at that number:
   * this default does, and so waits for the device. On {@link Device#META}, where there is no
   * number to look at, it updates, which is what a plan counts the memory of.
   *
   * @param gradients as they are before clipping; {@link Clipping#apply} clips them, unless the
   *     update does that itself
   * @param numbers {@link Clipping#skip} of 1 leaves parameters and state as they are, 0 updates
   */
  default void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    numbers.clipping().apply();
    Tensor skip = numbers.clipping().skip();
    if (skip.device().kind() == Device.Kind.META || skip.item() == 0) {
      step(gradients, numbers.learningRate());
    }
  }

  /**
   * The state to save, by name ({@code <parameter>.exp_avg}). The tensors stay the optimizer's and
   * are valid until its next step.
   */
  Map<String, Tensor> state();

  /**
   * Takes over a saved state, bit for bit.
   *
   * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
   */
  void restore(Map<String, Tensor> state);

  @Override
  void close();
}
