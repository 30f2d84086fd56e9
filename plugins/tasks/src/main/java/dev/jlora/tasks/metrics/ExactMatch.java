package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import dev.jlora.spi.Metric;
import java.util.List;

/** The share of texts whose words are those of a right one, by SQuAD's {@link PlainWords}. */
record ExactMatch() implements Metric {

  @Override
  public String name() {
    return "exact_match";
  }

  @Override
  public boolean fits(Judgements judgements) {
    return judgements instanceof Judgements.Texts;
  }

  @Override
  public double value(Judgements judgements, double loss) {
    return BestText.mean((Judgements.Texts) judgements, ExactMatch::of);
  }

  private static double of(String predicted, String expected) {
    List<String> words = PlainWords.ofAnswer(predicted);
    return words.equals(PlainWords.ofAnswer(expected)) ? 1 : 0;
  }
}
