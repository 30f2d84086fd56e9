package dev.jlora.engine.training;

import dev.jlora.engine.training.TrainingSettings.BestMetric;
import dev.jlora.io.Amount;
import dev.jlora.spi.Callback;
import dev.jlora.spi.TrainerState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages about how a run ended and which weights it kept. */
final class OutcomeMessages {
  private OutcomeMessages() {}

  /** Early stopping ended the run. */
  static String stoppedEarly(TrainerState state, BestMetric best, double threshold) {
    String margin = threshold > 0 ? " by more than " + threshold : "";
    String since =
        state.bestStep() == null
            ? "no evaluation gave a number for " + best.key()
            : "%s of step %d was not improved on%s"
                .formatted(figure(best, state.bestMetric()), state.bestStep(), margin);
    return "stopped early at step %d of %d: %s in %s"
        .formatted(
            state.globalStep(),
            state.maxSteps(),
            since,
            Amount.of(state.evaluationsWithoutGain(), "evaluation"));
  }

  /** A callback ended the run. */
  static String stoppedBy(TrainerState state, Callback callback) {
    return "stopped at step %d of %d: callback %s asked for it"
        .formatted(state.globalStep(), state.maxSteps(), callback.getClass().getName());
  }

  /** A resumed run has already taken its last step. */
  static String finishedBefore(TrainerState state) {
    return "nothing left to train: the run is at step %d of %d"
        .formatted(state.globalStep(), state.maxSteps());
  }

  /** The weights that are kept, if the best are requested. */
  static String kept(TrainerState state, BestMetric best) {
    long evaluations =
        state.logHistory().stream().filter(entry -> entry.containsKey(best.key())).count();
    if (state.bestStep() != null) {
      return "kept the weights of step %d: %s is the best of %s"
          .formatted(
              state.bestStep(),
              figure(best, state.bestMetric()),
              Amount.of(evaluations, "evaluation"));
    }
    return "kept the last weights, of step %d: %s"
        .formatted(
            state.globalStep(),
            evaluations == 0
                ? "there was no evaluation to find the best by"
                : "none of %s gave a number for %s"
                    .formatted(Amount.of(evaluations, "evaluation"), best.key()));
  }

  private static String figure(BestMetric best, @Nullable Double value) {
    return ConsoleProgress.figures(Map.of(best.key(), value == null ? Double.NaN : value));
  }
}
