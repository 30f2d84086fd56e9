package dev.jlora.data;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An encoded row, kept compact: later epochs do not tokenize again. Its arrays are not copied and
 * not to be changed.
 *
 * @param ids token ids with special tokens
 * @param typeIds the segment of each token; null where all are 0
 * @param image the image in place of tokens, decoded when its batch is made; null for text
 * @param where the row it came from, for errors
 * @param origin what its task looks up when it judges or answers; null where it learns
 */
public record Example(
    int[] ids,
    int @Nullable [] typeIds,
    @Nullable Path image,
    Target target,
    String where,
    @Nullable Origin origin) {
  private static final int[] NO_TOKENS = {};

  /** What a task has to know of a row beside its tokens, such as its words; each has its own. */
  public interface Origin {}

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
    this(ids, typeIds, null, target, where, null);
  }

  /** A row with an image, which may lie in a zip. */
  public static Example ofImage(Path image, Target target, String where) {
    return new Example(NO_TOKENS, null, image, target, where, null);
  }

  /** The same, with an origin. */
  public Example withOrigin(Origin origin) {
    return new Example(ids, typeIds, image, target, where, origin);
  }

  /**
   * The origin of a task's own examples.
   *
   * @throws IllegalArgumentException if it has none of that kind: it was encoded to learn from
   */
  public <T extends Origin> T origin(Class<T> kind) {
    if (kind.isInstance(origin)) {
      return kind.cast(Objects.requireNonNull(origin));
    }
    throw new IllegalArgumentException(
        "%s: has no %s; expected an example that was encoded to be judged or answered"
            .formatted(where, kind.getSimpleName()));
  }

  /** How many tokens it has; an image counts as one. */
  public int length() {
    return image == null ? ids.length : 1;
  }
}
