package dev.jlora.spi;

import java.util.Map;

/** A metric of an evaluation, bound by a plugin under its name. */
@PartKind("metric")
public interface Metric {

  /** The name in jobs and reports, such as {@code f1_macro}. */
  String name();

  /** Whether higher values are better (false for an error or a perplexity). */
  default boolean largerIsBetter() {
    return true;
  }

  /** Whether this metric is defined for such predictions. */
  boolean fits(Predictions predictions);

  /**
   * The value over a whole evaluation.
   *
   * @param predictions predictions and expectations, of a kind that {@link #fits} accepts
   * @param loss the mean loss of the evaluation
   */
  double value(Predictions predictions, double loss);

  /**
   * The values for parts of the predictions, such as one type of entity, by name; reported as
   * {@code name_part}. None by default.
   */
  default Map<String, Double> parts(Predictions predictions) {
    return Map.of();
  }
}
