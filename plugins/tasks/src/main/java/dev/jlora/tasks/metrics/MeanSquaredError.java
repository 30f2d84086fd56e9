package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import dev.jlora.spi.Metric;

/** The mean of squared differences. */
record MeanSquaredError() implements Metric {

  @Override
  public String name() {
    return "mse";
  }

  @Override
  public boolean largerIsBetter() {
    return false;
  }

  @Override
  public boolean fits(Judgements judgements) {
    return judgements instanceof Judgements.Values;
  }

  @Override
  public double value(Judgements judgements, double loss) {
    var values = (Judgements.Values) judgements;
    double sum = 0;
    for (int i = 0; i < values.count(); i++) {
      double error = values.predicted()[i] - values.expected()[i];
      sum += error * error;
    }
    return values.count() == 0 ? 0 : sum / values.count();
  }
}
