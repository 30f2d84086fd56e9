package dev.jlora.tasks.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The n-grams of a text. */
final class Grams {
  private Grams() {}

  /** Each n-gram with its count; none if the text is shorter than n. */
  static Map<List<String>, Integer> of(List<String> words, int order) {
    Map<List<String>, Integer> grams = new HashMap<>();
    for (int from = 0; from + order <= words.size(); from++) {
      grams.merge(words.subList(from, from + order), 1, Integer::sum);
    }
    return grams;
  }
}
