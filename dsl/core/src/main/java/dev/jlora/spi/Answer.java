package dev.jlora.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's prediction for one input.
 *
 * @param label the most probable label, the number of a regression, or the labels of a multi-label
 *     task joined by commas
 * @param score the probability of that label, or the number itself
 * @param scores every label with its probability, in the model's order
 * @param parts predictions for parts of the input (words, tokens, the position of an answer), if
 *     the task has any
 * @param vector the features of the input, for feature extraction
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

  /** A vector only. */
  public static Answer of(List<Float> vector) {
    return new Answer("", 0, Map.of(), List.of(), vector);
  }

  public Answer(String label, double score, Map<String, Double> scores) {
    this(label, score, scores, List.of());
  }

  /**
   * The prediction for a part of the input.
   *
   * @param position of the part: a word's index among the words, a token's index in the encoded
   *     input, or an answer's offset in the context in characters (code points, as in Python)
   * @param text the part as in the input; empty if the task does not provide it
   * @param label its most probable label
   * @param score the probability of that label
   */
  public record Part(int position, String text, String label, double score) {}
}
