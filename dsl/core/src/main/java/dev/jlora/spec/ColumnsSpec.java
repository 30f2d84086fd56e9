package dev.jlora.spec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a dataset; null if a task has no such column.
 *
 * @param text the text, or a question; default {@code text}, or none if there are tokens
 * @param textPair a second text, or a context
 * @param label the label, number, or list of labels; default {@code label}
 * @param tokens words instead of a text, with a label for each
 * @param image the path of an image; null means {@code image}
 * @param labelLists the notation of lists in the label column, for multi-label tasks; null decides
 *     from the column, and the run's {@code job.json} records the decision
 */
public record ColumnsSpec(
    @Nullable String text,
    @Nullable String textPair,
    @Nullable String label,
    @Nullable String tokens,
    @Nullable String image,
    @Nullable LabelLists labelLists)
    implements Spec {

  public ColumnsSpec {
    Problems.in("data.columns")
        .unless(
            text != null || tokens != null,
            "text: got none, expected a column of text or one of tokens")
        .unless(
            textPair == null || text != null,
            "text_pair: got '%s' without data.columns.text, expected both",
            textPair)
        .unless(
            text == null || tokens == null,
            "tokens: got '%s' together with data.columns.text '%s', expected only one of them",
            tokens,
            text)
        .throwIfAny();
  }

  /** Columns whose notation of label lists is decided before training. */
  public ColumnsSpec(
      @Nullable String text,
      @Nullable String textPair,
      @Nullable String label,
      @Nullable String tokens,
      @Nullable String image) {
    this(text, textPair, label, tokens, image, null);
  }

  /** Completes the columns if JSON names only some. */
  static void completed(Map<String, Object> given) {
    if (!given.containsKey("tokens") && !given.containsKey("text")) {
      given.put("text", "text");
    }
    if (!given.containsKey("label")) {
      given.put("label", "label"); // a null that is there says that there is none
    }
  }

  /** The columns of texts. */
  public ColumnsSpec(
      @Nullable String text,
      @Nullable String textPair,
      @Nullable String label,
      @Nullable String tokens) {
    this(text, textPair, label, tokens, null);
  }

  /** A copy with this notation of label lists. */
  public ColumnsSpec withLabelLists(@Nullable LabelLists lists) {
    return new ColumnsSpec(text, textPair, label, tokens, image, lists);
  }

  public static ColumnsSpec defaults() {
    return new ColumnsSpec("text", null, "label", null);
  }

  @Override
  public String toString() {
    return json();
  }
}
