package dev.jlora.engine.generation;

/** Hears texts as they grow. */
@FunctionalInterface
public interface TextListener {
  /**
   * More text of one prompt is certain.
   *
   * @param row the prompt's index
   * @param text what comes next; what was said before is not repeated
   */
  void text(int row, String text);
}
