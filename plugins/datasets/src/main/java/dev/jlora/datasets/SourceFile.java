package dev.jlora.datasets;

import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import dev.jlora.io.InputFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipException;

/**
 * A file of rows, plain or compressed, and the errors common to all formats; {@code -} is standard
 * input.
 *
 * @param name the path, for display
 */
record SourceFile(Path path, String name) {
  /** Maximum length of a line or record, in bytes. */
  static final int LONGEST_LINE = 64 << 20;

  private static final Path STANDARD_INPUT = Path.of("-");
  private static final int BUFFER = 1 << 16;
  private static final int HEAD = 512;

  /** Whether {@code file} has one of the {@code endings}, with or without {@code .gz}. */
  static boolean hasEnding(Path file, String... endings) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return List.of(endings).stream().anyMatch(plain::endsWith);
  }

  /** The file, which must exist and be a regular file. */
  static SourceFile of(Path path) {
    if (path.equals(STANDARD_INPUT)) {
      return new SourceFile(path, "standard input");
    }
    if (Files.isDirectory(path)) {
      throw new FormatException(
          path, "is a folder, expected a file of rows.", "Name a file in it.");
    }
    InputFile.requireRegular(path, "Write the rows into a file, which is read more than once.");
    return new SourceFile(path, path.toString());
  }

  /** Whether it is standard input, which can be read only once. */
  boolean isStandardInput() {
    return path.equals(STANDARD_INPUT);
  }

  /** The bytes, decompressed. */
  InputStream open() throws IOException {
    InputStream file =
        new BufferedInputStream(
            isStandardInput() ? new Kept(System.in) : Files.newInputStream(path), BUFFER);
    try {
      InputStream in = isCompressed(file) ? decompressed(file) : file;
      refuseOtherEncodings(in);
      return in;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private boolean isCompressed(InputStream file) throws IOException {
    byte[] head = head(file, 2);
    boolean magic = head.length == 2 && head[0] == (byte) 0x1f && head[1] == (byte) 0x8b;
    return magic || name.toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  private static InputStream decompressed(InputStream file) throws IOException {
    var compressed = new CountingStream(file);
    return new BufferedInputStream(
        new BoundedExpansionStream(new GzipMembers(compressed, BUFFER), compressed), BUFFER);
  }

  private void refuseOtherEncodings(InputStream in) throws IOException {
    String encoding = InputFile.otherEncoding(head(in, HEAD));
    if (encoding != null) {
      throw InputFile.notUtf8(name, encoding);
    }
  }

  private static byte[] head(InputStream in, int bytes) throws IOException {
    in.mark(bytes);
    byte[] head = in.readNBytes(bytes);
    in.reset();
    return head;
  }

  /** The dataset, which must not be empty. */
  Dataset dataset(List<Row> rows) {
    if (rows.isEmpty()) {
      throw new FormatException(
          name, "has no rows.", "Check that it is the right file and was written to its end.");
    }
    return Dataset.of(name, rows);
  }

  String at(long line) {
    return line > 0 ? name + ":" + line : name;
  }

  FormatException tooLong(long line) {
    return new FormatException(
        at(line),
        "begins a row of more than %d MiB.".formatted(LONGEST_LINE >> 20),
        "Check that it is the right file; a row is one line, or what a quote encloses.");
  }

  /** The error after memory was exhausted; the rows read so far must be released first. */
  FormatException doesNotFit(int rows) {
    return new FormatException(
        name,
        "does not fit into memory: %,d rows filled the %,d MiB that Java may use."
            .formatted(rows, Runtime.getRuntime().maxMemory() >> 20),
        "Read fewer rows (--limit), or allow more memory with JLORA_OPTS=-Xmx....");
  }

  /** The error for a failure near {@code line}. */
  FormatException unreadable(IOException e, long line) {
    if (e instanceof BoundedExpansionStream.Bomb) {
      return new FormatException(
          at(line),
          e.getMessage() + ".",
          "Unpack it and check its contents; rows do not compress that well.",
          e);
    }
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
    return InputFile.unreadable(at(line), e);
  }

  /** Standard input, which must not be closed. */
  private static final class Kept extends FilterInputStream {
    Kept(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }
}
