package dev.jlora.data;

/**
 * How text is encoded.
 *
 * @param maxLength the most tokens a sequence may have, special tokens included; {@link #MODEL} for
 *     what the model allows
 * @param truncate cut longer sequences; else one that is longer is an error
 * @param specialTokens add the model's, such as {@code [CLS]} and {@code [SEP]}
 */
public record TextOptions(int maxLength, boolean truncate, boolean specialTokens) {
  public static final int MODEL = Integer.MAX_VALUE;

  /** What the model allows, truncated, with special tokens. */
  public static final TextOptions DEFAULT = new TextOptions(MODEL, true, true);

  public TextOptions {
    if (maxLength < 1) {
      throw new IllegalArgumentException(
          "max length: got " + maxLength + ", expected 1 or more tokens");
    }
  }

  public TextOptions withMaxLength(int tokens) {
    return new TextOptions(tokens, truncate, specialTokens);
  }

  public TextOptions withoutTruncation() {
    return new TextOptions(maxLength, false, specialTokens);
  }

  public TextOptions withoutSpecialTokens() {
    return new TextOptions(maxLength, truncate, false);
  }
}
