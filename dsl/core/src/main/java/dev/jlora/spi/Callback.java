package dev.jlora.spi;

import java.nio.file.Path;
import java.util.Map;

/**
 * Looks on while a run trains. All methods are called on the training thread, in the order of their
 * names below; an exception from one ends the run, with its checkpoints intact.
 */
public interface Callback {
  default void onTrainBegin(TrainerState state) {}

  default void onEpochBegin(TrainerState state, int epoch) {}

  /** After an optimizer step. */
  default void onStep(TrainerState state, Step step) {}

  /** When figures are logged: {@code loss}, {@code learning_rate}, {@code grad_norm}. */
  default void onLog(TrainerState state, Map<String, Double> values) {}

  /** After an evaluation: {@code eval_loss} and the metrics as {@code eval_<name>}. */
  default void onEvaluate(TrainerState state, Map<String, Double> values) {}

  /** After a checkpoint is on the disk. */
  default void onSave(TrainerState state, Path checkpoint) {}

  /**
   * When there is something to tell the user beside figures: that early stopping ended the run,
   * which weights were kept, that a step had nothing to learn.
   *
   * @param message one line without the end of it
   */
  default void onMessage(TrainerState state, String message) {}

  default void onEpochEnd(TrainerState state, int epoch) {}

  default void onTrainEnd(TrainerState state) {}

  /**
   * Asked after every step and its evaluation, and before the first step of a run that is resumed:
   * true ends the run as if it were complete.
   */
  default boolean wantsToStop(TrainerState state) {
    return false;
  }
}
