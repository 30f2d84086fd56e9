package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Corpus BLEU (Papineni et al. 2002) with n-grams of up to four tokens and the brevity penalty,
 * with sacrebleu's defaults: tokens of {@link Tokenizer13a}, case-sensitive, exponential smoothing
 * of orders without a match. From 0 to 1; sacrebleu prints percentages.
 */
record Bleu() implements Metric {
  private static final int ORDERS = 4;

  @Override
  public String name() {
    return "bleu";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Texts;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    var texts = (Predictions.Texts) judgements;
    Totals totals = new Totals();
    for (int i = 0; i < texts.count(); i++) {
      totals.add(
          Tokenizer13a.tokens(texts.predicted().get(i)),
          texts.expected().get(i).stream().map(Tokenizer13a::tokens).toList());
    }
    return totals.score();
  }

  /** Counts over all items. */
  private static final class Totals {
    private final long[] matches = new long[ORDERS];
    private final long[] all = new long[ORDERS];
    private long length;
    private long expectedLength;

    void add(List<String> predicted, List<List<String>> expected) {
      length += predicted.size();
      expectedLength += closest(predicted.size(), expected);
      for (int order = 1; order <= ORDERS; order++) {
        Map<List<String>, Integer> right = new HashMap<>();
        for (List<String> tokens : expected) {
          Grams.of(tokens, order).forEach((gram, count) -> right.merge(gram, count, Math::max));
        }
        for (var gram : Grams.of(predicted, order).entrySet()) {
          all[order - 1] += gram.getValue();
          matches[order - 1] += Math.min(gram.getValue(), right.getOrDefault(gram.getKey(), 0));
        }
      }
    }

    /** The length of the reference that is closest in length, the shorter of two. */
    private static int closest(int length, List<List<String>> expected) {
      int closest = expected.getFirst().size();
      for (List<String> tokens : expected) {
        int gain = Math.abs(closest - length) - Math.abs(tokens.size() - length);
        closest = gain > 0 || gain == 0 && tokens.size() < closest ? tokens.size() : closest;
      }
      return closest;
    }

    double score() {
      if (matches[0] == 0 || all[ORDERS - 1] == 0) {
        return 0;
      }
      double logarithms = 0;
      double smoothing = 1;
      for (int order = 0; order < ORDERS; order++) {
        smoothing = matches[order] == 0 ? smoothing * 2 : smoothing;
        double found = matches[order] == 0 ? 1 / smoothing : matches[order];
        logarithms += Math.log(found / all[order]);
      }
      double brevity = length < expectedLength ? Math.exp(1 - (double) expectedLength / length) : 1;
      return brevity * Math.exp(logarithms / ORDERS);
    }
  }
}
