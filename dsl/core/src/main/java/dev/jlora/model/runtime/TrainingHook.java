package dev.jlora.model.runtime;

import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Callbacks of an adapter during training, such as AdaLoRA's penalty and its rank budget. Called on
 * the training thread.
 *
 * <p>On a GPU the host reads no values of a step, and forward and backward may be captured once and
 * replayed: {@link #loss} then runs only during the capture. State that changes from step to step
 * must be in tensors that the hook owns and that {@link #afterBackward} or {@link #afterUpdate}
 * write in place; reading a value ({@code item}, {@code toFloats}) would abort the capture.
 */
public interface TrainingHook {

  /**
   * Begins a run, before its first step and before {@link #restore}.
   *
   * @param totalSteps optimizer steps of the whole run, including those before a resume
   */
  default void begin(long totalSteps) {}

  /**
   * A term that is added to the loss of every micro-batch; as their losses are averaged, it counts
   * once per step.
   *
   * @return 0-dim, recorded on {@code tape} and in the current scope; null for none
   */
  default @Nullable Tensor loss(Tape tape) {
    return null;
  }

  /**
   * Called with the clipped gradients of a step, before the optimizer's update.
   *
   * @param step from 1
   * @param gradients the gradient of a trained parameter, null if it has none; may be changed in
   *     place
   */
  default void afterBackward(long step, Function<Parameter, @Nullable Tensor> gradients) {}

  /** Called after the optimizer has updated the parameters. */
  default void afterUpdate(long step) {}

  /**
   * The state to save in addition to the parameters, by name; the hook keeps ownership of the
   * tensors.
   */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  /** Restores a saved {@link #state}, bit for bit. */
  default void restore(Map<String, Tensor> saved) {}
}
