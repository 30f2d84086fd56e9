package dev.jlora.data;

/**
 * Options for encoding text.
 *
 * @param maxLength maximum number of tokens of a sequence, including special tokens; {@link #MODEL}
 *     for the model's maximum
 * @param cut what to truncate if a sequence is longer
 * @param specialTokens whether to add special tokens, such as {@code [CLS]} and {@code [SEP]}
 * @param plainChat whether to write conversations with jlora's own markers even if the model has a
 *     chat template
 */
public record TextOptions(int maxLength, Cut cut, boolean specialTokens, boolean plainChat) {
  /** What to truncate: the end of a sequence, unless the tokenizer's truncation side is left. */
  public enum Cut {
    /** Nothing: a longer sequence is an error. */
    NOTHING,
    /** The longer text of a pair, token by token. */
    LONGEST_FIRST,
    /** The second text of a pair; the first one, such as a question, is kept whole. */
    ONLY_SECOND
  }

  public static final int MODEL = Integer.MAX_VALUE;

  /** The model's maximum length, with truncation and special tokens. */
  public static final TextOptions DEFAULT = new TextOptions(MODEL, Cut.LONGEST_FIRST, true, false);

  public TextOptions {
    if (maxLength < 1) {
      throw new IllegalArgumentException(
          "max length: got " + maxLength + ", expected 1 or more tokens");
    }
  }

  public TextOptions withMaxLength(int tokens) {
    return new TextOptions(tokens, cut, specialTokens, plainChat);
  }

  public TextOptions withoutTruncation() {
    return withCut(Cut.NOTHING);
  }

  public TextOptions withCut(Cut what) {
    return new TextOptions(maxLength, what, specialTokens, plainChat);
  }

  public TextOptions withoutSpecialTokens() {
    return new TextOptions(maxLength, cut, false, plainChat);
  }

  public TextOptions withPlainChat(boolean plain) {
    return new TextOptions(maxLength, cut, specialTokens, plain);
  }
}
