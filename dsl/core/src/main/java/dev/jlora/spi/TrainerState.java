package dev.jlora.spi;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of a training run, the contents of {@code trainer_state.json}, with transformers' key
 * names.
 *
 * @param globalStep optimizer steps taken
 * @param epoch epochs completed, including the fraction of the current one
 * @param maxSteps optimizer steps of the whole run
 * @param bestMetric the best value of the metric that selects the best checkpoint
 * @param bestStep the step with that value
 * @param evaluationsWithoutGain evaluations since then, for early stopping
 * @param logHistory every log line: numbers by name, including {@code step} and {@code epoch}
 */
public record TrainerState(
    @JsonProperty(value = "global_step", required = true) long globalStep,
    @JsonProperty(value = "epoch", required = true) double epoch,
    @JsonProperty(value = "max_steps", required = true) long maxSteps,
    @JsonProperty("best_metric") @Nullable Double bestMetric,
    @JsonProperty("best_global_step") @Nullable Long bestStep,
    @JsonProperty(value = "evaluations_without_gain", required = true) int evaluationsWithoutGain,
    @JsonProperty(value = "log_history", required = true) List<Map<String, Double>> logHistory) {

  /** The file's name in the folder of a run and in its checkpoints. */
  public static final String FILE = "trainer_state.json";

  public TrainerState {
    if (globalStep < 0 || maxSteps < 0 || evaluationsWithoutGain < 0) {
      throw new IllegalArgumentException(
          "got global_step %d, max_steps %d and evaluations_without_gain %d, expected 0 or more"
              .formatted(globalStep, maxSteps, evaluationsWithoutGain));
    }
    if (logHistory == null || logHistory.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("'log_history' is null or holds null");
    }
    logHistory =
        logHistory.stream()
            .map(entry -> Collections.unmodifiableMap(new LinkedHashMap<>(entry)))
            .toList();
  }

  public static TrainerState start(long maxSteps) {
    return new TrainerState(0, 0, maxSteps, null, null, 0, List.of());
  }

  /** This state for a run of another length. */
  public TrainerState withMaxSteps(long steps) {
    return new TrainerState(
        globalStep, epoch, steps, bestMetric, bestStep, evaluationsWithoutGain, logHistory);
  }

  public TrainerState at(long step, double epochNow) {
    return new TrainerState(
        step, epochNow, maxSteps, bestMetric, bestStep, evaluationsWithoutGain, logHistory);
  }

  /** This state with a log line for {@code values} at its step. */
  public TrainerState logged(Map<String, Double> values) {
    var entry = new LinkedHashMap<String, Double>(values);
    entry.put("epoch", epoch);
    entry.put("step", (double) globalStep);
    var history = new ArrayList<>(logHistory);
    history.add(entry);
    return new TrainerState(
        globalStep, epoch, maxSteps, bestMetric, bestStep, evaluationsWithoutGain, history);
  }

  /**
   * This state after an evaluation with {@code value} for the selecting metric. A non-finite value
   * is never an improvement.
   */
  public TrainerState judged(double value, boolean largerIsBetter, double threshold) {
    boolean first = bestMetric == null || !Double.isFinite(bestMetric);
    boolean gain =
        Double.isFinite(value)
            && (first
                || (largerIsBetter
                    ? value > bestMetric + threshold
                    : value < bestMetric - threshold));
    return new TrainerState(
        globalStep,
        epoch,
        maxSteps,
        gain ? Double.valueOf(value) : bestMetric,
        gain ? Long.valueOf(globalStep) : bestStep,
        gain ? 0 : evaluationsWithoutGain + 1,
        logHistory);
  }
}
