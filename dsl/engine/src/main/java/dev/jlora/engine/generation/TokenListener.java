package dev.jlora.engine.generation;

/** Receives every token as soon as it is chosen. */
@FunctionalInterface
public interface TokenListener {
  /**
   * Called for each new token.
   *
   * @param row the prompt's index
   * @return whether that row continues; false ends it
   */
  boolean added(int row, int token);
}
