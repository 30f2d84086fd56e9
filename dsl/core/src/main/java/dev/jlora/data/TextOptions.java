package dev.jlora.data;

/**
 * How text is encoded.
 *
 * @param maxLength the most tokens a sequence may have, special tokens included; {@link #MODEL} for
 *     what the model allows
 * @param cut what is shortened where a sequence is longer
 * @param specialTokens add the model's, such as {@code [CLS]} and {@code [SEP]}
 * @param plainChat write conversations in jlora's own markers even where the model has a chat
 *     template
 */
public record TextOptions(int maxLength, Cut cut, boolean specialTokens, boolean plainChat) {
  /** What of a sequence is cut off: its end, unless the tokenizer's truncation side is left. */
  public enum Cut {
    /** A sequence that is longer is an error. */
    NOTHING,
    /** The longer text of a pair, token by token. */
    LONGEST_FIRST,
    /** The second text of a pair: the first one is needed whole, as a question is. */
    ONLY_SECOND
  }

  public static final int MODEL = Integer.MAX_VALUE;

  /** What the model allows, truncated, with special tokens. */
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
