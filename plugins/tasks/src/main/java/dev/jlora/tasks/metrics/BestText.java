package dev.jlora.tasks.metrics;

import dev.jlora.spi.Predictions;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** Compares a text with each right one; the best score counts. */
final class BestText {
  private BestText() {}

  /**
   * The mean over all items.
   *
   * @param score of a predicted text, given a right one
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
