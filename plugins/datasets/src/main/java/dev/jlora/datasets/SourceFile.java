package dev.jlora.datasets;

import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A file of rows, plain or compressed, and the complaints all formats share. */
record SourceFile(Path path) {
  private static final int BUFFER = 1 << 16;

  /** Whether {@code file} ends like one of {@code endings}, with or without {@code .gz}. */
  static boolean hasEnding(Path file, String... endings) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return List.of(endings).stream().anyMatch(plain::endsWith);
  }

  /** The file, which must be there. */
  static SourceFile of(Path path) {
    if (Files.isDirectory(path)) {
      throw new FormatException(
          path, "is a folder, expected a file of rows.", "Name a file in it.");
    }
    if (!Files.exists(path)) {
      throw new FormatException(path, "no such file.", "Check the path.");
    }
    return new SourceFile(path);
  }

  /** Its bytes, decompressed. */
  InputStream open() throws IOException {
    InputStream file = new BufferedInputStream(Files.newInputStream(path), BUFFER);
    if (!path.toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
      return file;
    }
    try {
      return new BufferedInputStream(new GZIPInputStream(file, BUFFER), BUFFER);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** The dataset, which must not be empty. */
  Dataset dataset(List<Row> rows) {
    if (rows.isEmpty()) {
      throw new FormatException(
          path, "has no rows.", "Check that it is the right file and was written to its end.");
    }
    return Dataset.of(path.toString(), rows);
  }

  String at(long line) {
    return path + ":" + line;
  }

  /** What went wrong while reading near {@code line}. */
  FormatException unreadable(IOException e, long line) {
    if (e instanceof ZipException) {
      return new FormatException(
          at(line),
          "is not well-formed gzip (" + e.getMessage() + ").",
          "Rename it if it is not compressed, or fetch it again.",
          e);
    }
    if (e instanceof EOFException) {
      return new FormatException(
          at(line), "ends in the middle: the file was cut off.", "Fetch it again.", e);
    }
    return new FormatException(
        at(line), "cannot be read (" + e + ").", "Check the file and its permissions.", e);
  }
}
