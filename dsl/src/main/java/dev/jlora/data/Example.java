package dev.jlora.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An encoded row, kept compact: later epochs do not tokenize again. Its arrays are not copied and
 * not to be changed.
 *
 * @param ids token ids with special tokens
 * @param typeIds the segment of each token; null where all are 0
 * @param image the image in place of tokens, decoded when its batch is made; null for text
 * @param where the row it came from, for errors
 */
public record Example(
    int[] ids, int @Nullable [] typeIds, @Nullable Path image, Target target, String where) {
  private static final int[] NO_TOKENS = {};

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

  /** A row of text. */
  public Example(int[] ids, int @Nullable [] typeIds, Target target, String where) {
    this(ids, typeIds, null, target, where);
  }

  /** A row with an image, which may lie in a zip. */
  public static Example ofImage(Path image, Target target, String where) {
    return new Example(NO_TOKENS, null, image, target, where);
  }

  /** How many tokens it has; an image counts as one. */
  public int length() {
    return image == null ? ids.length : 1;
  }
}
