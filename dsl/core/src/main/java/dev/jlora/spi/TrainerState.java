package dev.jlora.spi;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    if (!Double.isFinite(epoch) || epoch < 0) {
      throw new IllegalArgumentException(
          "'epoch' is %s, expected a number of 0 or more".formatted(epoch));
    }
    if ((bestMetric == null) != (bestStep == null)) {
      throw new IllegalArgumentException(
          "'best_metric' is %s and 'best_global_step' %s, expected both or none"
              .formatted(bestMetric, bestStep));
    }
    if (bestStep != null && (bestStep < 0 || bestStep > globalStep)) {
      throw new IllegalArgumentException(
          "'best_global_step' is %d, expected 0 to %d".formatted(bestStep, globalStep));
    }
    requireLog(logHistory);
    logHistory =
        logHistory.stream()
            .map(entry -> Collections.unmodifiableMap(new LinkedHashMap<>(entry)))
            .toList();
  }

  private static void requireLog(@Nullable List<Map<String, Double>> log) {
    if (log == null) {
      throw new IllegalArgumentException("'log_history' is null, expected a list");
    }
    for (int i = 0; i < log.size(); i++) {
      Map<String, Double> entry = log.get(i);
      if (entry == null) {
        throw new IllegalArgumentException("'log_history[%d]' is null".formatted(i));
      }
      for (Map.Entry<String, Double> value : entry.entrySet()) {
        if (value.getValue() == null) {
          throw new IllegalArgumentException(
              "'log_history[%d].%s' is null, expected a number".formatted(i, value.getKey()));
        }
      }
      Double step = entry.get("step");
      if (step == null || !(step >= 0)) {
        throw new IllegalArgumentException(
            "'log_history[%d].step' is %s, expected the number of a step".formatted(i, step));
      }
    }
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
