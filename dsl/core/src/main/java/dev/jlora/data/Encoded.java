package dev.jlora.data;

import org.jspecify.annotations.Nullable;

/**
 * A sequence of tokens. Its arrays are not copied.
 *
 * @param ids including special tokens if requested
 * @param typeIds the segment of each token; null if all are 0
 * @param details the origin of the tokens; null unless requested
 */
public record Encoded(int[] ids, int @Nullable [] typeIds, @Nullable Details details) {
  /** No word and no text: a special token. */
  public static final int NONE = -1;

  /**
   * The origin of each token.
   *
   * @param wordIds the index of its word in its text; {@link #NONE} for special tokens
   * @param sequenceIds 0 for the first text, 1 for the second, {@link #NONE} for special tokens
   * @param starts index of its first char in its text; {@link #NONE} for special tokens
   * @param ends index after its last char
   */
  public record Details(int[] wordIds, int[] sequenceIds, int[] starts, int[] ends) {}

  public int length() {
    return ids.length;
  }
}
