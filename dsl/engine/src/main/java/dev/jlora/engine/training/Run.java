package dev.jlora.engine.training;

import dev.jlora.spi.TrainerState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Result of a training run.
 *
 * @param adapter the folder with the trained adapter, in PEFT's format
 * @param state the final state, including the history
 * @param resumedAt the step at which it was resumed; 0 for a new run
 * @param evaluation the metrics of the kept weights, empty if nothing was evaluated
 * @param bestCheckpoint the checkpoint whose weights were kept, or null for the last ones
 * @param seconds wall-clock time of training, including evaluations
 */
public record Run(
    Path adapter,
    TrainerState state,
    long resumedAt,
    Map<String, Double> evaluation,
    @Nullable Path bestCheckpoint,
    double seconds) {
  public Run {
    evaluation = Map.copyOf(evaluation);
  }

  /** All log lines, in order. */
  public List<Map<String, Double>> history() {
    return state.logHistory();
  }

  /** Optimizer steps taken, including those before a resume. */
  public long steps() {
    return state.globalStep();
  }
}
