package dev.jlora.data.tokenizer;

/** The library refused something or ended; the message is its own. */
public final class TokenizerFailure extends RuntimeException {
  private final int text;

  TokenizerFailure(int text, String message) {
    super(message);
    this.text = text;
  }

  /** The index of the text that was being encoded. */
  public int text() {
    return text;
  }
}
