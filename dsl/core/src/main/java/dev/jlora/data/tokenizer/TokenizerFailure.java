package dev.jlora.data.tokenizer;

/**
 * The library rejected a request, or its process ended or had to be ended; the message says what
 * happened.
 */
public final class TokenizerFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int text;
  private final boolean said;

  private TokenizerFailure(int text, boolean said, String message) {
    super(message);
    this.text = text;
    this.said = said;
  }

  /** The library rejected one text or file with an error message. */
  static TokenizerFailure said(int text, String message) {
    return new TokenizerFailure(text, true, message);
  }

  /** The library's process ended or had to be ended. */
  static TokenizerFailure ended(int text, String how) {
    return new TokenizerFailure(text, false, how);
  }

  /** The index of the text that was being encoded. */
  public int text() {
    return text;
  }

  /** Whether the library returned an error, so that other texts may succeed. */
  boolean isRefusal() {
    return said;
  }

  /** The failure as the middle of a sentence. */
  public String sentence() {
    return said
        ? "the tokenizer library says '%s'".formatted(getMessage())
        : "the tokenizer library " + getMessage();
  }
}
