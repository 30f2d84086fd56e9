package dev.jlora.spi;

import java.util.Map;

/** A figure of merit computed from an evaluation. Plugins bind it by its name. */
@PartKind("metric")
public interface Metric {

  /** The name a job uses and a report prints, such as {@code f1_macro}. */
  String name();

  /** Whether a larger value is better (an error or a perplexity says false). */
  default boolean largerIsBetter() {
    return true;
  }

  /** Whether this metric means anything for such judgements. */
  boolean fits(Predictions judgements);

  /**
   * The value over a whole evaluation.
   *
   * @param judgements predictions and expectations, of a kind that {@link #fits} accepts
   * @param loss the mean loss of the evaluation
   */
  double value(Predictions judgements, double loss);

  /**
   * The same figure for parts of what was judged, such as one kind of entity, by the part's name; a
   * report prints {@code name_part}. None unless a metric has such.
   */
  default Map<String, Double> parts(Predictions judgements) {
    return Map.of();
  }
}
