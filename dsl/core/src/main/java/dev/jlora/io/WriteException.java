package dev.jlora.io;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file could not be written. Nothing was left behind, and an existing file of that name is
 * unchanged.
 */
public final class WriteException extends FileException {
  WriteException(Path file, String problem, String remedy, @Nullable Throwable cause) {
    super(file.toString(), problem, remedy, cause);
  }
}
