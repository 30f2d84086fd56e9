package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.stream.IntStream;

/** F1, precision or recall, averaged over classes. */
record Averaged(Measure measure, Average average) implements Metric {

  /** How the values of several classes are averaged. */
  enum Average {
    /** The value of class 1 of two classes. */
    BINARY(""),
    /** The mean over the classes that occur; for multi-label over all labels. */
    MACRO("_macro"),
    /** The mean over the classes that occur, weighted by support. */
    WEIGHTED("_weighted"),
    /** All classes counted together. */
    MICRO("_micro");

    private final String suffix;

    Average(String suffix) {
      this.suffix = suffix;
    }
  }

  @Override
  public String name() {
    return measure.label() + average.suffix;
  }

  @Override
  public boolean fits(Predictions judgements) {
    return switch (judgements) {
      case Predictions.Classes classes -> average != Average.BINARY || classes.classes() == 2;
      case Predictions.Labels _ -> average != Average.BINARY;
      default -> false;
    };
  }

  @Override
  public double value(Predictions judgements, double loss) {
    Counts counts = Counts.of(judgements);
    return switch (average) {
      case BINARY -> measure.of(counts, 1);
      case MICRO -> measure.of(counts.pooled(), 0);
      case MACRO ->
          averaged(judgements, counts).mapToDouble(c -> measure.of(counts, c)).average().orElse(0);
      case WEIGHTED -> weighted(counts);
    };
  }

  /**
   * The classes of a macro average: in scikit-learn those that occur in single labels, but every
   * column of an indicator matrix, where a label that never occurs counts as 0.
   */
  private static IntStream averaged(Predictions judgements, Counts counts) {
    return judgements instanceof Predictions.Labels
        ? IntStream.range(0, counts.classes())
        : counts.present();
  }

  private double weighted(Counts counts) {
    double sum = 0;
    long expected = 0;
    for (int c = 0; c < counts.classes(); c++) {
      sum += measure.of(counts, c) * counts.expected(c);
      expected += counts.expected(c);
    }
    return expected == 0 ? 0 : sum / expected;
  }
}
