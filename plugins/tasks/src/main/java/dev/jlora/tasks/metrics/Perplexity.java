package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;

/** Perplexity: e to the mean loss. */
record Perplexity() implements Metric {

  @Override
  public String name() {
    return "perplexity";
  }

  @Override
  public boolean largerIsBetter() {
    return false;
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Classes;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    return Math.exp(loss);
  }
}
