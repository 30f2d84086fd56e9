package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;

/** Matthews' correlation coefficient for two or more classes (Gorodkin's R_K). */
record Matthews() implements Metric {

  @Override
  public String name() {
    return "matthews";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Classes;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    Counts counts = Counts.of(judgements);
    double items = judgements.count();
    double right = 0;
    double products = 0;
    double predictedSquares = 0;
    double expectedSquares = 0;
    for (int c = 0; c < counts.truePositives().length; c++) {
      double predicted = counts.truePositives()[c] + counts.falsePositives()[c];
      double expected = counts.truePositives()[c] + counts.falseNegatives()[c];
      right += counts.truePositives()[c];
      products += predicted * expected;
      predictedSquares += predicted * predicted;
      expectedSquares += expected * expected;
    }
    double spread =
        Math.sqrt(items * items - predictedSquares) * Math.sqrt(items * items - expectedSquares);
    return spread == 0 ? 0 : (right * items - products) / spread;
  }
}
