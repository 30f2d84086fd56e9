package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.tasks.metrics.Averaged.Average;
import java.util.ArrayList;
import java.util.List;

/** The metrics of this plugin. */
public final class Metrics {
  private Metrics() {}

  /**
   * Accuracy, top-5 accuracy, F1 / precision / recall (binary, macro, weighted, micro, of entities,
   * of entities strictly), Matthews, MSE, Pearson, Spearman, perplexity; exact match and F1 of
   * answers, BLEU, ROUGE-1, ROUGE-2, ROUGE-L.
   */
  public static List<Metric> all() {
    var metrics = new ArrayList<Metric>();
    metrics.add(new Accuracy());
    metrics.add(new TopAccuracy(5));
    for (Measure measure : Measure.values()) {
      for (Average average : Average.values()) {
        metrics.add(new Averaged(measure, average));
      }
      metrics.add(new Entities(measure, /* strict= */ false));
      metrics.add(new Entities(measure, /* strict= */ true));
    }
    metrics.add(new Matthews());
    metrics.add(new MeanSquaredError());
    metrics.add(new Correlation(/* ranks= */ false));
    metrics.add(new Correlation(/* ranks= */ true));
    metrics.add(new Perplexity());
    metrics.add(new ExactMatch());
    metrics.add(new AnswerF1());
    metrics.add(new Bleu());
    metrics.add(new RougeN(1));
    metrics.add(new RougeN(2));
    metrics.add(new RougeL());
    return List.copyOf(metrics);
  }
}
