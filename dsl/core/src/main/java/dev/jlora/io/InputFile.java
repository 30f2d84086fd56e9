package dev.jlora.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Checks of input files. */
public final class InputFile {
  private static final String UNIX_MODE = "unix:mode";

  private InputFile() {}

  /**
   * Rejects everything but regular files: opening a pipe without a writer blocks forever, and a
   * device such as {@code /dev/zero} never ends.
   *
   * @param remedy what to do instead of naming a pipe, a device or a socket
   * @throws FormatException unless {@code file} exists and is a regular file
   */
  public static void requireRegular(Path file, String remedy) {
    if (!Files.exists(file)) {
      throw new FormatException(file, "no such file.", "Check the path.");
    }
    if (!Files.isRegularFile(file)) {
      throw new FormatException(file, kind(file) + ", expected a file.", remedy);
    }
  }

  private static String kind(Path file) {
    if (Files.isDirectory(file)) {
      return "is a folder";
    }
    int mode = 0;
    try {
      mode = (int) Files.getAttribute(file, UNIX_MODE);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      // not a system with such modes
    }
    return switch (mode & 0170000) {
      case 0010000 -> "is a pipe";
      case 0020000, 0060000 -> "is a device";
      case 0140000 -> "is a socket";
      default -> "is not a regular file";
    };
  }

  /** The exception for a file that exists and cannot be read. */
  public static FormatException unreadable(String where, IOException e) {
    return new FormatException(
        where, "cannot be read (%s).".formatted(reason(e)), "Check it and its permissions.", e);
  }

  /** The reason for a failed read or write, without Java class names. */
  public static String reason(IOException e) {
    String message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    if (message != null && !message.isBlank()) {
      return message;
    }
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file";
      case FileSystemLoopException _ -> "a cycle of symbolic links";
      case EOFException _ -> "unexpected end of file";
      default -> "input or output failed";
    };
  }

  /**
   * Detects text that is not UTF-8: UTF-16 or UTF-32, by a byte order mark or, without one, by the
   * zeros in every other byte of Latin letters.
   *
   * @param head the first bytes, some hundred or fewer
   * @return the name of the encoding, or null
   */
  public static @Nullable String otherEncoding(byte[] head) {
    if (starts(head, 0xFF, 0xFE, 0, 0) || starts(head, 0, 0, 0xFE, 0xFF)) {
      return "UTF-32";
    }
    if (starts(head, 0xFF, 0xFE) || starts(head, 0xFE, 0xFF)) {
      return "UTF-16";
    }
    int even = 0;
    int odd = 0;
    int pairs = head.length / 2;
    for (int i = 0; i < pairs; i++) {
      even += head[2 * i] == 0 ? 1 : 0;
      odd += head[2 * i + 1] == 0 ? 1 : 0;
    }
    boolean wide = pairs >= 2 && Math.max(even, odd) > pairs / 2 && Math.min(even, odd) == 0;
    return wide ? (odd > even ? "UTF-16LE" : "UTF-16BE") : null;
  }

  private static boolean starts(byte[] head, int... bytes) {
    byte[] expected = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      expected[i] = (byte) bytes[i];
    }
    return head.length >= bytes.length
        && Arrays.equals(head, 0, bytes.length, expected, 0, bytes.length);
  }

  /** The exception for text in such an encoding. */
  public static FormatException notUtf8(String where, String encoding) {
    return new FormatException(
        where,
        "is %s text, expected UTF-8.".formatted(encoding),
        "Convert it, for example with: iconv -f %s -t utf-8.".formatted(encoding.toLowerCase()));
  }
}
