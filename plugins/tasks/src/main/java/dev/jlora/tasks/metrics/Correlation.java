package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Correlation of predicted and expected numbers: Pearson's coefficient, or Spearman's, which is
 * Pearson's of the ranks. From -1 to 1; 0 if either is constant.
 */
record Correlation(boolean ranks) implements Metric {

  @Override
  public String name() {
    return ranks ? "spearman" : "pearson";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Values;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    var values = (Predictions.Values) judgements;
    return ranks
        ? pearson(ranks(values.predicted()), ranks(values.expected()))
        : pearson(values.predicted(), values.expected());
  }

  private static double pearson(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElse(0);
    double meanY = Arrays.stream(y).average().orElse(0);
    double together = 0;
    double spreadX = 0;
    double spreadY = 0;
    for (int i = 0; i < x.length; i++) {
      together += (x[i] - meanX) * (y[i] - meanY);
      spreadX += (x[i] - meanX) * (x[i] - meanX);
      spreadY += (y[i] - meanY) * (y[i] - meanY);
    }
    double spread = Math.sqrt(spreadX) * Math.sqrt(spreadY);
    return spread == 0 ? 0 : Math.clamp(together / spread, -1, 1);
  }

  /** The rank of each value, from 1; equal values share their mean rank. */
  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted((i, j) -> Double.compare(values[i], values[j]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
