package dev.jlora.io;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that may be valid, but is too large for the available memory or for a limit. */
public final class TooLargeException extends FileException {
  /**
   * @param problem its size and the limit, a sentence
   * @param remedy what to do, a sentence
   */
  public TooLargeException(Path file, String problem, String remedy, @Nullable Throwable cause) {
    super(file.toString(), problem, remedy, cause);
  }
}
