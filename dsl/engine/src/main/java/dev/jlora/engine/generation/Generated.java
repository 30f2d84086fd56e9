package dev.jlora.engine.generation;

/**
 * What followed a prompt.
 *
 * @param prompt as it was given
 * @param text without prompt, and without the stop text that ended it
 * @param tokens how many tokens were made
 * @param finish why it ended
 */
public record Generated(String prompt, String text, int tokens, Finish finish) {
  /** Why an answer ended. */
  public enum Finish {
    /** The model ended it. */
    END,
    /** A stop text came. */
    STOP,
    /** It has as many tokens as it may have, or the model's context is full. */
    LENGTH
  }
}
