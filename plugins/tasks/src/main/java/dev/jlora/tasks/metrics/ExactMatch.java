package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.List;

/**
 * The share of texts whose words equal those of a right one; words are SQuAD's {@link PlainWords}.
 */
record ExactMatch() implements Metric {

  @Override
  public String name() {
    return "exact_match";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Texts;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    return BestText.mean((Predictions.Texts) judgements, ExactMatch::of);
  }

  private static double of(String predicted, String expected) {
    List<String> words = PlainWords.ofAnswer(predicted);
    return words.equals(PlainWords.ofAnswer(expected)) ? 1 : 0;
  }
}
