package dev.jlora.engine.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Result of an evaluation.
 *
 * @param loss the mean loss over all rows, labelled words or tokens; NaN without labels
 * @param metrics by name
 * @param rows number of rows evaluated
 * @param items number of labelled rows, words or tokens in the mean
 * @param seconds duration
 */
public record Evaluation(
    double loss, Map<String, Double> metrics, int rows, long items, double seconds) {
  public Evaluation {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** The values as in a log line: {@code eval_loss}, {@code eval_accuracy}, ... */
  public Map<String, Double> asLog() {
    var log = new LinkedHashMap<String, Double>();
    log.put("eval_loss", loss);
    metrics.forEach((name, value) -> log.put("eval_" + name, value));
    log.put("eval_runtime", seconds);
    return log;
  }
}
