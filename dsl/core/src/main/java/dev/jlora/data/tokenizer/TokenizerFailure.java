package dev.jlora.data.tokenizer;

/** The library rejected a request or its process ended; the message is the library's. */
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
