package dev.jlora.io;

import dev.jlora.spec.PathProblem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Names of files that are read from other files, and so may be anything. */
public final class FileNames {
  private FileNames() {}

  /**
   * Whether a name is that of a file inside the folder it is looked up in: no path, no parent
   * folder, and only characters that the system's file name encoding can represent.
   */
  public static boolean isPlain(String name) {
    return problem(name) == null;
  }

  /**
   * Why a name is not {@linkplain #isPlain plain}.
   *
   * @return a reason such as {@code got '../a', expected the name of a file}; null if it is plain
   */
  public static @Nullable String problem(String name) {
    try {
      Path path = Path.of(name);
      boolean plain =
          !name.isBlank()
              && name.indexOf('\\') < 0
              && !path.isAbsolute()
              && path.getNameCount() == 1
              && path.toString().equals(name)
              && !name.equals(".")
              && !name.equals("..");
      return plain ? null : "got '%s', expected the name of a file".formatted(name);
    } catch (InvalidPathException e) {
      return PathProblem.of(e);
    }
  }
}
