package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import dev.jlora.spi.Metric;
import java.util.Arrays;

/** F1, precision or recall, brought from classes to one number. */
record Averaged(Measure measure, Average average) implements Metric {

  /** How the figures of several classes become one. */
  enum Average {
    /** Of class 1 of two classes. */
    BINARY(""),
    /** The mean over the classes that occur. */
    MACRO("_macro"),
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
  public boolean fits(Judgements judgements) {
    return switch (judgements) {
      case Judgements.Classes classes -> average != Average.BINARY || classes.classes() == 2;
      case Judgements.Labels _ -> average != Average.BINARY;
      default -> false;
    };
  }

  @Override
  public double value(Judgements judgements, double loss) {
    Counts counts = Counts.of(judgements);
    return switch (average) {
      case BINARY -> measure.of(counts, 1);
      case MICRO -> measure.of(counts.pooled(), 0);
      case MACRO ->
          Arrays.stream(counts.present())
              .mapToDouble(c -> measure.of(counts, c))
              .average()
              .orElse(0);
    };
  }
}
