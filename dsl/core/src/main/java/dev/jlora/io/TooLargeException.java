package dev.jlora.io;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that may be sound, but is too large for the memory, or for a limit. */
public final class TooLargeException extends FileException {
  /**
   * @param problem how large it is and what the limit is, as a sentence
   * @param remedy what to do, as a sentence
   */
  public TooLargeException(Path file, String problem, String remedy, @Nullable Throwable cause) {
    super(file.toString(), problem, remedy, cause);
  }
}
