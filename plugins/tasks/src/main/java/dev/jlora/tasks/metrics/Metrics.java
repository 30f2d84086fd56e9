package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.tasks.metrics.Averaged.Average;
import java.util.ArrayList;
import java.util.List;

/** Every metric of this plugin. */
public final class Metrics {
  private Metrics() {}

  /**
   * Accuracy, top-5 accuracy, F1 / precision / recall (binary, macro, micro), Matthews, MSE,
   * perplexity.
   */
  public static List<Metric> all() {
    var metrics = new ArrayList<Metric>();
    metrics.add(new Accuracy());
    metrics.add(new TopAccuracy(5));
    for (Measure measure : Measure.values()) {
      for (Average average : Average.values()) {
        metrics.add(new Averaged(measure, average));
      }
    }
    metrics.add(new Matthews());
    metrics.add(new MeanSquaredError());
    metrics.add(new Perplexity());
    return List.copyOf(metrics);
  }
}
