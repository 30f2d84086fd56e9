package dev.jlora.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model says about one input.
 *
 * @param label the likeliest label, the number of a regression, or the labels of a multi-label task
 *     joined by commas
 * @param score the probability of that label, or the number itself
 * @param scores every label with its probability, in the model's order
 * @param parts the answers of the parts of the input (words, tokens, the place of an answer), where
 *     a task has such
 * @param vector what stands for the input, where a task extracts features
 */
public record Answer(
    String label, double score, Map<String, Double> scores, List<Part> parts, List<Float> vector) {
  public Answer {
    scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    parts = List.copyOf(parts);
    vector = List.copyOf(vector);
  }

  public Answer(String label, double score, Map<String, Double> scores, List<Part> parts) {
    this(label, score, scores, parts, List.of());
  }

  /** A vector and nothing else. */
  public static Answer of(List<Float> vector) {
    return new Answer("", 0, Map.of(), List.of(), vector);
  }

  public Answer(String label, double score, Map<String, Double> scores) {
    this(label, score, scores, List.of());
  }

  /**
   * The answer for a part of the input.
   *
   * @param position where the part stands: a word's index among the words, a token's place in the
   *     encoded input, the characters (code points, as Python counts) of a context before an answer
   * @param text the part as it stands in the input; empty where a task does not say
   * @param label its likeliest label
   * @param score the probability of that label
   */
  public record Part(int position, String text, String label, double score) {}
}
