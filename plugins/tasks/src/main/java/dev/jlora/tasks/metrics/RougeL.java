package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.List;

/**
 * ROUGE-L of generated texts (Lin 2004): the F-measure of the longest common subsequence of words,
 * averaged over all items. Words are rouge_score's {@link PlainWords}.
 */
record RougeL() implements Metric {

  @Override
  public String name() {
    return "rouge_l";
  }

  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Texts;
  }

  @Override
  public double value(Predictions judgements, double loss) {
    return BestText.mean((Predictions.Texts) judgements, RougeL::of);
  }

  private static double of(String predicted, String expected) {
    List<String> said = PlainWords.ofSummary(predicted);
    List<String> right = PlainWords.ofSummary(expected);
    return said.isEmpty() || right.isEmpty()
        ? 0
        : 2.0 * longestCommon(said, right) / (said.size() + right.size());
  }

  /** The length of the longest common subsequence. */
  private static int longestCommon(List<String> first, List<String> second) {
    int[] longest = new int[second.size() + 1];
    for (String word : first) {
      int diagonal = 0;
      for (int j = 1; j <= second.size(); j++) {
        int above = longest[j];
        longest[j] =
            word.equals(second.get(j - 1)) ? diagonal + 1 : Math.max(above, longest[j - 1]);
        diagonal = above;
      }
    }
    return longest[second.size()];
  }
}
