package dev.jlora.backend;

import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Clipping by the norm of all gradients, and Adam and AdamW over all parameters. */
public interface AdamUpdates {
  /**
   * A parameter with what belongs to it.
   *
   * @param gradient of the parameter's shape and dtype; so are both averages
   * @param average first moment
   * @param squareAverage second moment
   * @param count steps taken, FLOAT32 [1]
   */
  record Slot(
      Tensor parameter, Tensor gradient, Tensor average, Tensor squareAverage, Tensor count) {}

  /**
   * Looks at all gradients.
   *
   * @param gradients at least one
   * @param most the largest norm; 0 for any
   * @param scale what the loss was multiplied with, FLOAT32 [1]; null for nothing
   */
  Clipping clip(List<Tensor> gradients, double most, @Nullable Tensor scale);

  /**
   * One step, counted and made in place.
   *
   * @param slots whose parameters have one dtype
   * @param numbers whether the step is made, and the clipping; null for in any case, as the
   *     gradients are
   */
  void step(AdamStep step, List<Slot> slots, @Nullable StepNumbers numbers);
}
