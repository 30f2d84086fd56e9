package dev.jlora.spec;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The training task.
 *
 * @param name a task contributed by a plugin: {@code sequence-classification}, {@code
 *     token-classification}, {@code masked-lm}, {@code causal-lm}, {@code question-answering}
 * @param labels the label names in the order of the model's outputs; empty uses those of the
 *     model's config.json
 * @param problem single-label, multi-label, or regression; null lets the task decide
 * @param metrics of an evaluation; empty uses the task's default
 */
public record TaskSpec(
    String name, List<String> labels, @Nullable Problem problem, List<String> metrics)
    implements Spec {

  public static final String SEQUENCE_CLASSIFICATION = "sequence-classification";
  public static final String TOKEN_CLASSIFICATION = "token-classification";
  public static final String MASKED_LM = "masked-lm";
  public static final String CAUSAL_LM = "causal-lm";
  public static final String QUESTION_ANSWERING = "question-answering";

  /** One vector per input: the mean of its tokens' last hidden states. */
  public static final String FEATURE_EXTRACTION = "feature-extraction";

  /** One vector per input: the last hidden state of the first token. */
  public static final String FEATURE_EXTRACTION_CLS = "feature-extraction-cls";

  /**
   * One vector per input: the last hidden state of the last token that is not padding, which in a
   * decoder has attended to all tokens.
   */
  public static final String FEATURE_EXTRACTION_LAST = "feature-extraction-last";

  /**
   * One vector per image: the mean of its patches' last hidden states, including the first token's.
   */
  public static final String IMAGE_FEATURE_EXTRACTION = "image-feature-extraction";

  /** One vector per image: the last hidden state of the first token. */
  public static final String IMAGE_FEATURE_EXTRACTION_CLS = "image-feature-extraction-cls";

  public static final String IMAGE_CLASSIFICATION = "image-classification";

  /** The type of a classification head; transformers' {@code problem_type}. */
  public enum Problem {
    SINGLE_LABEL_CLASSIFICATION,
    MULTI_LABEL_CLASSIFICATION,
    REGRESSION;

    /** The name in transformers: {@code single_label_classification}. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public TaskSpec {
    labels = List.copyOf(labels);
    metrics = List.copyOf(metrics);
    Problems.in("task")
        .unless(!name.isBlank(), "name: got none, expected a task such as sequence-classification")
        .unless(
            labels.stream().noneMatch(String::isBlank),
            "labels: got a blank one in %s, expected a name for each",
            labels)
        .unless(
            new HashSet<>(labels).size() == labels.size(),
            "labels: got a duplicate in %s, expected distinct names",
            labels)
        .unless(
            problem != Problem.SINGLE_LABEL_CLASSIFICATION || labels.size() != 1,
            "labels: got only '%s', expected two or more for a classification",
            labels)
        .throwIfAny();
  }

  /** Default values. */
  static TaskSpec prototype() {
    return of("required");
  }

  /** A task with labels and defaults otherwise. */
  public static TaskSpec of(String name, String... labels) {
    return new TaskSpec(name, Arrays.asList(labels), null, List.of());
  }

  public TaskSpec withMetrics(String... metrics) {
    return new TaskSpec(name, labels, problem, List.of(metrics));
  }

  public TaskSpec withProblem(Problem problem) {
    return new TaskSpec(name, labels, problem, metrics);
  }

  @Override
  public String toString() {
    return json();
  }
}
