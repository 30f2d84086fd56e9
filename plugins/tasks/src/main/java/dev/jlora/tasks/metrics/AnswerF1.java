package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.ArrayList;
import java.util.List;

/**
 * F1 of the words that a text shares with the right one; words are SQuAD's {@link PlainWords}. If
 * either has no words, 1 if both have none, else 0, as in SQuAD 2.0.
 */
record AnswerF1() implements Metric {

  @Override
  public String name() {
    return "answer_f1";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Texts;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    return BestText.mean((Predictions.Texts) judgements, AnswerF1::of);
  }

  private static double of(String predicted, String expected) {
    List<String> said = PlainWords.ofAnswer(predicted);
    List<String> right = PlainWords.ofAnswer(expected);
    if (said.isEmpty() || right.isEmpty()) {
      return said.equals(right) ? 1 : 0;
    }
    List<String> left = new ArrayList<>(right);
    long shared = said.stream().filter(left::remove).count();
    return 2.0 * shared / (said.size() + right.size());
  }
}
