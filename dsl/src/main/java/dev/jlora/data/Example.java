package dev.jlora.data;

import org.jspecify.annotations.Nullable;

/**
 * An encoded row, kept compact: later epochs do not tokenize again. Its arrays are not copied and
 * not to be changed.
 *
 * @param ids token ids with special tokens
 * @param typeIds the segment of each token; null where all are 0
 * @param where the row it came from, for errors
 */
public record Example(int[] ids, int @Nullable [] typeIds, Target target, String where) {
  public Example {
    if (typeIds != null && typeIds.length != ids.length) {
      throw new IllegalArgumentException(
          where + ": got %d type ids for %d ids".formatted(typeIds.length, ids.length));
    }
    if (target instanceof Target.TokenIds tokens && tokens.ids().length != ids.length) {
      throw new IllegalArgumentException(
          where + ": got %d token labels for %d ids".formatted(tokens.ids().length, ids.length));
    }
  }

  /** How many tokens it has. */
  public int length() {
    return ids.length;
  }
}
