package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.Arrays;

/** The share of correct items; for multi-label, of items with all labels correct. */
record Accuracy() implements Metric {

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Classes || judgements instanceof Predictions.Labels;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    long right = 0;
    for (int i = 0; i < judgements.count(); i++) {
      right +=
          switch (judgements) {
            case Predictions.Classes c -> c.predicted()[i] == c.expected()[i] ? 1 : 0;
            case Predictions.Labels l -> Arrays.equals(l.predicted()[i], l.expected()[i]) ? 1 : 0;
            default -> 0; // does not fit
          };
    }
    return judgements.count() == 0 ? 0 : (double) right / judgements.count();
  }
}
