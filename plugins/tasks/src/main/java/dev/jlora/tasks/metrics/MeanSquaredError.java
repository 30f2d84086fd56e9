package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;

/** Mean squared error. */
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
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Values;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    var values = (Predictions.Values) judgements;
    double sum = 0;
    for (int i = 0; i < values.count(); i++) {
      double error = values.predicted()[i] - values.expected()[i];
      sum += error * error;
    }
    return values.count() == 0 ? 0 : sum / values.count();
  }
}
