package dev.jlora.engine.generation;

/**
 * The text generated for a prompt.
 *
 * @param prompt as given
 * @param text without the prompt, and without the stop text that ended it
 * @param tokens number of generated tokens
 * @param finish the reason why it ended
 */
public record Generated(String prompt, String text, int tokens, Finish finish) {
  /** The reason why a generation ended. */
  public enum Finish {
    /** The model generated an end token. */
    END,
    /** A stop text was generated. */
    STOP,
    /** The maximum number of tokens is reached, or the model's context is full. */
    LENGTH
  }
}
