package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.stream.IntStream;

/** F1, precision or recall, brought from classes to one number. */
record Averaged(Measure measure, Average average) implements Metric {

  /** How the figures of several classes become one. */
  enum Average {
    /** Of class 1 of two classes. */
    BINARY(""),
    /** The mean over the classes that occur; over all labels where several may hold. */
    MACRO("_macro"),
    /** The same, each class or label weighed by how often it is expected. */
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
   * What a macro average is over: scikit-learn takes the classes that it meets in single labels,
   * but every column of an indicator matrix, where a label that never occurs counts as 0.
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
