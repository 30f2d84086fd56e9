package dev.jlora.spec;

import java.nio.file.InvalidPathException;

/** Explains why a text is not a valid path. */
public final class PathProblem {
  private static final int SHOWN = 200;

  private PathProblem() {}

  /** {@code got 'a\0b', expected a path: file names cannot contain the character U+0000}. */
  public static String of(InvalidPathException e) {
    String path = e.getInput();
    String shown = path.length() > SHOWN ? path.substring(0, SHOWN) + "..." : path;
    return path.indexOf(0) >= 0
        ? "got '%s', expected a path: file names cannot contain the character U+0000"
            .formatted(shown.replace("\0", "\\0"))
        : "got '%s', which the system's file name encoding, %s, cannot represent; start with the"
                .formatted(shown, System.getProperty("sun.jnu.encoding"))
            + " locale C.UTF-8 (LC_ALL=C.UTF-8), or rename the file";
  }
}
