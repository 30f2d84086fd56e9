package dev.jlora.spi;

import java.nio.file.Path;
import java.util.Map;

/**
 * Observes a training run. All methods are called on the training thread, in the order of their
 * names below; an exception ends the run, with its checkpoints intact.
 */
public interface Callback {
  default void onTrainBegin(TrainerState state) {}

  default void onEpochBegin(TrainerState state, int epoch) {}

  /** Called after an optimizer step. */
  default void onStep(TrainerState state, Step step) {}

  /** Called when metrics are logged: {@code loss}, {@code learning_rate}, {@code grad_norm}. */
  default void onLog(TrainerState state, Map<String, Double> values) {}

  /** Called after an evaluation, with {@code eval_loss} and the metrics as {@code eval_<name>}. */
  default void onEvaluate(TrainerState state, Map<String, Double> values) {}

  /** Called after a checkpoint was written. */
  default void onSave(TrainerState state, Path checkpoint) {}

  /**
   * Called with a message for the user: early stopping ended the run, which weights were kept, a
   * step had no labels.
   *
   * @param message one line without a line break
   */
  default void onMessage(TrainerState state, String message) {}

  default void onEpochEnd(TrainerState state, int epoch) {}

  default void onTrainEnd(TrainerState state) {}

  /**
   * Called after every step and its evaluation, and before the first step of a resumed run: true
   * ends the run as if it were complete.
   */
  default boolean wantsToStop(TrainerState state) {
    return false;
  }
}
