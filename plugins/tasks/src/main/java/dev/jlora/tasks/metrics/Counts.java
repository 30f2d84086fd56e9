package dev.jlora.tasks.metrics;

import dev.jlora.spi.Predictions;
import java.util.stream.IntStream;

/**
 * True positives, false positives and false negatives of each class, and the number of correct
 * items.
 */
record Counts(long[] truePositives, long[] falsePositives, long[] falseNegatives) {

  static Counts of(Predictions judgements) {
    return switch (judgements) {
      case Predictions.Classes classes -> ofClasses(classes);
      case Predictions.Labels labels -> ofLabels(labels);
      default ->
          throw new IllegalArgumentException(
              "Counting classes: got %s; expected classes or labels"
                  .formatted(judgements.getClass().getSimpleName()));
    };
  }

  private static Counts ofClasses(Predictions.Classes judged) {
    var counts = empty(judged.classes());
    for (int i = 0; i < judged.count(); i++) {
      int predicted = judged.predicted()[i];
      int expected = judged.expected()[i];
      if (predicted == expected) {
        counts.truePositives[expected]++;
      } else {
        counts.falsePositives[predicted]++;
        counts.falseNegatives[expected]++;
      }
    }
    return counts;
  }

  private static Counts ofLabels(Predictions.Labels judged) {
    var counts = empty(judged.labels());
    for (int i = 0; i < judged.count(); i++) {
      for (int label = 0; label < judged.labels(); label++) {
        boolean predicted = judged.predicted()[i][label];
        boolean expected = judged.expected()[i][label];
        if (predicted && expected) {
          counts.truePositives[label]++;
        } else if (predicted) {
          counts.falsePositives[label]++;
        } else if (expected) {
          counts.falseNegatives[label]++;
        }
      }
    }
    return counts;
  }

  static Counts empty(int classes) {
    return new Counts(new long[classes], new long[classes], new long[classes]);
  }

  /** All classes combined into one. */
  Counts pooled() {
    return new Counts(sum(truePositives), sum(falsePositives), sum(falseNegatives));
  }

  /** Number of classes. */
  int classes() {
    return truePositives.length;
  }

  /** Number of items of a class; scikit-learn's support. */
  long expected(int c) {
    return truePositives[c] + falseNegatives[c];
  }

  /** The classes that occur, predicted or expected. */
  IntStream present() {
    return IntStream.range(0, classes()).filter(c -> expected(c) + falsePositives[c] > 0);
  }

  private static long[] sum(long[] values) {
    long total = 0;
    for (long value : values) {
      total += value;
    }
    return new long[] {total};
  }
}
