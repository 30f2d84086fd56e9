package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.List;
import java.util.Map;

/**
 * ROUGE-N of generated texts (Lin 2004): the F-measure of common n-grams, each counted as often as
 * it occurs in both, averaged over all items. Words are rouge_score's {@link PlainWords}.
 *
 * @param order n, the number of words
 */
record RougeN(int order) implements Metric {

  @Override
  public String name() {
    return "rouge_" + order;
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Texts;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    return BestText.mean((Predictions.Texts) judgements, this::of);
  }

  private double of(String predicted, String expected) {
    List<String> said = PlainWords.ofSummary(predicted);
    List<String> right = PlainWords.ofSummary(expected);
    Map<List<String>, Integer> wanted = Grams.of(right, order);
    long shared = 0;
    for (var gram : Grams.of(said, order).entrySet()) {
      shared += Math.min(gram.getValue(), wanted.getOrDefault(gram.getKey(), 0));
    }
    int all = said.size() + right.size() - 2 * (order - 1);
    return shared == 0 ? 0 : 2.0 * shared / all;
  }
}
