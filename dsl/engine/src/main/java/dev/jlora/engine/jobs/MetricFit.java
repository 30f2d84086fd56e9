package dev.jlora.engine.jobs;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Matches metrics with the predictions of a task. */
public final class MetricFit {
  private static final Predictions NO_TEXTS = new Predictions.Texts(List.of(), List.of());

  private MetricFit() {}

  /**
   * Rejects metrics that are not defined for a task.
   *
   * @param writes whether the task can generate text
   * @throws IllegalArgumentException naming the first such metric
   */
  public static void require(List<Metric> metrics, Objective objective, boolean writes) {
    List<Predictions> ways = new ArrayList<>(objective.collector().predictions());
    if (writes && needsWriting(metrics, objective)) {
      ways.add(NO_TEXTS);
    }
    metrics.forEach(metric -> fitting(metric, ways));
  }

  /** Whether a metric needs text that the model has to generate first. */
  public static boolean needsWriting(List<Metric> metrics, Objective objective) {
    List<Predictions> ways = objective.collector().predictions();
    return metrics.stream()
        .anyMatch(metric -> metric.fits(NO_TEXTS) && ways.stream().noneMatch(metric::fits));
  }

  /** The first of the predictions that a metric is defined for. */
  public static Predictions fitting(Metric metric, List<Predictions> predictions) {
    return predictions.stream()
        .filter(metric::fits)
        .findFirst()
        .orElseThrow(() -> unfit(metric, predictions));
  }

  private static IllegalArgumentException unfit(Metric metric, List<Predictions> predictions) {
    String kinds = predictions.stream().map(MetricFit::kind).collect(Collectors.joining(" and "));
    return new IllegalArgumentException(
        "Metric '%s': got %s to judge, which it means nothing for; choose a metric of this task"
            .formatted(metric.name(), kinds));
  }

  private static String kind(Predictions predictions) {
    return switch (predictions) {
      case Predictions.Classes classes -> "one of %d classes".formatted(classes.classes());
      case Predictions.Labels labels -> "any of %d labels".formatted(labels.labels());
      case Predictions.Values _ -> "numbers";
      case Predictions.Tags tags -> "one of %d tags for each word".formatted(tags.names().size());
      case Predictions.Texts _ -> "texts";
    };
  }
}
