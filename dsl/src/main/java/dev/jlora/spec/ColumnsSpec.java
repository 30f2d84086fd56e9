package dev.jlora.spec;

import org.jspecify.annotations.Nullable;

/**
 * Which column of a data set is what; null where a task has no such column.
 *
 * @param text the text, or a question; default {@code text}
 * @param textPair a second text, or a context
 * @param label the label, number, or list of labels; default {@code label}
 * @param tokens words instead of a text, with a label for each
 * @param image the path of an image; null takes {@code image}
 */
public record ColumnsSpec(
    @Nullable String text,
    @Nullable String textPair,
    @Nullable String label,
    @Nullable String tokens,
    @Nullable String image)
    implements Spec {

  public ColumnsSpec {
    Problems.in("data.columns")
        .unless(
            text != null || tokens != null,
            "text: got none, expected a column of text or one of tokens")
        .unless(
            textPair == null || text != null,
            "text_pair: got '%s' without text, expected both",
            textPair)
        .throwIfAny();
  }

  /** The columns of texts. */
  public ColumnsSpec(
      @Nullable String text,
      @Nullable String textPair,
      @Nullable String label,
      @Nullable String tokens) {
    this(text, textPair, label, tokens, null);
  }

  public static ColumnsSpec defaults() {
    return new ColumnsSpec("text", null, "label", null);
  }

  @Override
  public String toString() {
    return json();
  }
}
