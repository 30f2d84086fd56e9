package dev.jlora.engine.generation;

/** Receives texts as they grow. */
@FunctionalInterface
public interface TextListener {
  /**
   * Called when more text of a prompt is final.
   *
   * @param row the prompt's index
   * @param text the new text only
   */
  void text(int row, String text);
}
