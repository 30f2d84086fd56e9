package dev.jlora.engine;

import dev.jlora.spi.TrainerState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a training run gave.
 *
 * @param adapter the folder with the trained adapter, in PEFT's format
 * @param state the final state, with the whole history
 * @param resumedAt the step that it was resumed at; 0 for one that began anew
 * @param evaluation the figures of the kept weights, empty if nothing was evaluated
 * @param bestCheckpoint the checkpoint whose weights were kept, or null for the last ones
 * @param seconds wall-clock time of training, evaluations included
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

  /** Every log line, in order. */
  public List<Map<String, Double>> history() {
    return state.logHistory();
  }

  /** Optimizer steps taken, those before a resume among them. */
  public long steps() {
    return state.globalStep();
  }
}
