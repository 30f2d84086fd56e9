package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import dev.jlora.spi.Metric;
import java.util.Arrays;

/** The share of items that are right; of items with all labels right where there are several. */
record Accuracy() implements Metric {

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public boolean fits(Judgements judgements) {
    return judgements instanceof Judgements.Classes || judgements instanceof Judgements.Labels;
  }

  @Override
  public double value(Judgements judgements, double loss) {
    long right = 0;
    for (int i = 0; i < judgements.count(); i++) {
      right +=
          switch (judgements) {
            case Judgements.Classes c -> c.predicted()[i] == c.expected()[i] ? 1 : 0;
            case Judgements.Labels l -> Arrays.equals(l.predicted()[i], l.expected()[i]) ? 1 : 0;
            default -> 0; // does not fit
          };
    }
    return judgements.count() == 0 ? 0 : (double) right / judgements.count();
  }
}
