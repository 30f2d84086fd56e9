package dev.jlora.model.runtime;

import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter does in training beside its forward pass, such as AdaLoRA's penalty and its
 * budget of ranks. Called on the training thread.
 *
 * <p>On a GPU the host does not see the numbers of a step, and forward and backward may be recorded
 * once and repeated: {@link #loss} then runs only while they are recorded. What changes from step
 * to step has to lie in tensors that the hook keeps, and that {@link #afterBackward} or {@link
 * #afterUpdate} write in place; reading a value back ({@code item}, {@code toFloats}) would stop
 * the recording.
 */
public interface TrainingHook {

  /**
   * Begins a run, before its first step and before {@link #restore}.
   *
   * @param totalSteps optimizer steps of the whole run, those before a resume included
   */
  default void begin(long totalSteps) {}

  /**
   * A term that is added to the loss of every micro-batch, so that a step has it once.
   *
   * @return 0-dim, recorded on {@code tape} and in the current scope; null for none
   */
  default @Nullable Tensor loss(Tape tape) {
    return null;
  }

  /**
   * Sees the gradients of a step, clipped, before the optimizer does.
   *
   * @param step from 1
   * @param gradients of a trained parameter; null where it has none. They may be changed in place
   */
  default void afterBackward(long step, Function<Parameter, @Nullable Tensor> gradients) {}

  /** Called after the optimizer has updated the parameters. */
  default void afterUpdate(long step) {}

  /** What a checkpoint keeps beside the parameters, by name; the tensors stay the hook's. */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  /** Takes over what {@link #state} gave, bit for bit. */
  default void restore(Map<String, Tensor> saved) {}
}
