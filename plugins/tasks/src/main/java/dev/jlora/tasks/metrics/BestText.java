package dev.jlora.tasks.metrics;

import dev.jlora.spi.Predictions;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** Holds a text against each of those that are right; the best counts. */
final class BestText {
  private BestText() {}

  /**
   * The mean over all items.
   *
   * @param score of a predicted text, given one that is right
   */
  static double mean(Predictions.Texts texts, ToDoubleBiFunction<String, String> score) {
    double sum = 0;
    for (int i = 0; i < texts.count(); i++) {
      String predicted = texts.predicted().get(i);
      List<String> right = texts.expected().get(i);
      sum +=
          right.stream().mapToDouble(text -> score.applyAsDouble(predicted, text)).max().orElse(0);
    }
    return texts.count() == 0 ? 0 : sum / texts.count();
  }
}
