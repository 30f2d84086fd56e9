package dev.jlora.engine.generation;

/** Sees every token as soon as it is chosen. */
@FunctionalInterface
public interface TokenListener {
  /**
   * A token was added.
   *
   * @param row the prompt it goes on from
   * @return whether that row goes on; false ends it
   */
  boolean added(int row, int token);
}
