package dev.jlora.data;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An encoded row, in a compact form: later epochs need not tokenize again. Its arrays are not
 * copied and must not be changed.
 *
 * @param ids token ids including special tokens
 * @param typeIds the segment of each token; null if all are 0
 * @param image the image instead of tokens, decoded when its batch is collated; null for text
 * @param where the row's location, for errors
 * @param origin data that the task needs for evaluation or prediction; null in training
 */
public record Example(
    int[] ids,
    int @Nullable [] typeIds,
    @Nullable Path image,
    Target target,
    String where,
    @Nullable Origin origin) {
  private static final int[] NO_TOKENS = {};

  /**
   * Data of a row that a task needs besides its tokens, such as its words; each task has its own
   * type.
   */
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

  /** An example of a text row. */
  public Example(int[] ids, int @Nullable [] typeIds, Target target, String where) {
    this(ids, typeIds, null, target, where, null);
  }

  /** An example of an image row; the image may be in a zip. */
  public static Example ofImage(Path image, Target target, String where) {
    return new Example(NO_TOKENS, null, image, target, where, null);
  }

  /** A copy with an origin. */
  public Example withOrigin(Origin origin) {
    return new Example(ids, typeIds, image, target, where, origin);
  }

  /**
   * The origin as the type of the task.
   *
   * @throws IllegalArgumentException if there is none of that type, because the row was encoded for
   *     training
   */
  public <T extends Origin> T origin(Class<T> kind) {
    if (kind.isInstance(origin)) {
      return kind.cast(Objects.requireNonNull(origin));
    }
    throw new IllegalArgumentException(
        "%s: has no %s; expected an example that was encoded for evaluation or prediction"
            .formatted(where, kind.getSimpleName()));
  }

  /** Number of tokens; 1 for an image. */
  public int length() {
    return image == null ? ids.length : 1;
  }
}
