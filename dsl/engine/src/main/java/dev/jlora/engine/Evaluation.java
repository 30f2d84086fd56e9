package dev.jlora.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an evaluation found.
 *
 * @param loss the mean loss over all rows, labelled words or tokens; NaN where nothing is labelled
 * @param metrics the task's figures by name
 * @param rows how many rows were looked at
 * @param items how many labelled rows, words or tokens the loss is a mean over
 * @param seconds how long it took
 */
public record Evaluation(
    double loss, Map<String, Double> metrics, int rows, long items, double seconds) {
  public Evaluation {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** The figures as a log line has them: {@code eval_loss}, {@code eval_accuracy}, ... */
  public Map<String, Double> asLog() {
    var log = new LinkedHashMap<String, Double>();
    log.put("eval_loss", loss);
    metrics.forEach((name, value) -> log.put("eval_" + name, value));
    log.put("eval_runtime", seconds);
    return log;
  }
}
