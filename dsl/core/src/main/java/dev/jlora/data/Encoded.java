package dev.jlora.data;

import org.jspecify.annotations.Nullable;

/**
 * A sequence of tokens. Its arrays are not copied.
 *
 * @param ids with special tokens where they were asked for
 * @param typeIds the segment of each token; null where all are 0
 * @param details where the tokens come from; null unless asked for
 */
public record Encoded(int[] ids, int @Nullable [] typeIds, @Nullable Details details) {
  /** No word, no text: a special token. */
  public static final int NONE = -1;

  /**
   * Where each token comes from.
   *
   * @param wordIds the word it belongs to, counted in its text; {@link #NONE} for special tokens
   * @param sequenceIds 0 for the first text, 1 for the second, {@link #NONE} for special tokens
   * @param starts index of its first char in its text; {@link #NONE} for special tokens
   * @param ends index after its last char
   */
  public record Details(int[] wordIds, int[] sequenceIds, int[] starts, int[] ends) {}

  public int length() {
    return ids.length;
  }
}
