package dev.jlora.backend;

import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Clipping by the norm of all gradients, and Adam and AdamW updates of all parameters. */
public interface AdamUpdates {
  /**
   * A parameter with its gradient and optimizer state.
   *
   * @param gradient with the parameter's shape and dtype; so are both averages
   * @param average first moment
   * @param squareAverage second moment
   * @param count steps taken, FLOAT32 [1]
   */
  record Slot(
      Tensor parameter, Tensor gradient, Tensor average, Tensor squareAverage, Tensor count) {}

  /**
   * Computes the norm of all gradients.
   *
   * @param gradients at least one
   * @param most the maximum norm; 0 for no limit
   * @param scale the loss scale, FLOAT32 [1]; null for none
   */
  Clipping clip(List<Tensor> gradients, double most, @Nullable Tensor scale);

  /**
   * Takes one step in place, and counts it.
   *
   * @param slots whose parameters have the same dtype
   * @param numbers clipping, and whether to take the step; null for an unconditional step with the
   *     gradients as they are
   */
  void step(AdamStep step, List<Slot> slots, @Nullable StepNumbers numbers);
}
