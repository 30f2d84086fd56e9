package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;

/**
 * The share of items whose right class is among the {@code first} most probable.
 *
 * @param first number of classes considered; 5 for {@code top_5_accuracy}
 */
record TopAccuracy(int first) implements Metric {

  @Override
  public String name() {
    return "top_%d_accuracy".formatted(first);
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Classes classes && classes.ranked();
  }

  @Override
  public double value(Predictions judgements, double loss) {
    int[] ranks = ((Predictions.Classes) judgements).ranks();
    long right = java.util.Arrays.stream(ranks).filter(rank -> rank < first).count();
    return ranks.length == 0 ? 0 : (double) right / ranks.length;
  }
}
