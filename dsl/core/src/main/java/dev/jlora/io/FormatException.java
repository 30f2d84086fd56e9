package dev.jlora.io;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file is missing, cannot be read, or has invalid content. */
public final class FormatException extends FileException {
  /**
   * @param where the file, with the line if known
   * @param problem what was found and what was expected, a sentence
   * @param remedy what to do, a sentence; may be empty
   */
  public FormatException(String where, String problem, String remedy) {
    this(where, problem, remedy, null);
  }

  public FormatException(String where, String problem, String remedy, @Nullable Throwable cause) {
    super(where, problem, remedy, cause);
  }

  public FormatException(Path file, String problem, String remedy) {
    this(file.toString(), problem, remedy, null);
  }
}
