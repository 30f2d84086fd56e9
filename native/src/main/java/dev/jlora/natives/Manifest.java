package dev.jlora.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The list of files unpacked into a folder, stored next to the libraries with one line per file.
 *
 * <p>A file's modification time is a cheap check for changes; its digest is computed again only if
 * the time differs.
 */
record Manifest(List<Line> lines) {
  static final String FILE_NAME = "jlora.manifest";
  private static final String HEADER =
      "# Unpacked by jlora: SHA-256, CRC-32, bytes, time (ms), name. Delete the folder to unpack"
          + " again.";

  Manifest {
    lines = List.copyOf(lines);
  }

  record Line(String name, long size, long crc, long modifiedMillis, String sha256) {
    private String text() {
      return "%s %08x %d %d %s".formatted(sha256, crc, size, modifiedMillis, name);
    }

    private static Line parse(String text) {
      String[] fields = text.split(" ", 5);
      if (fields.length != 5) {
        throw new IllegalArgumentException(text);
      }
      return new Line(
          fields[4],
          Long.parseLong(fields[2]),
          Long.parseLong(fields[1], 16),
          Long.parseLong(fields[3]),
          fields[0]);
    }
  }

  Map<String, Line> byName() {
    return lines.stream().collect(Collectors.toMap(Line::name, Function.identity()));
  }

  void write(Path folder) throws IOException {
    List<String> text = new ArrayList<>(List.of(HEADER));
    lines.forEach(line -> text.add(line.text()));
    Files.write(folder.resolve(FILE_NAME), text);
  }

  /** Reads a folder's manifest; empty if there is none or it is invalid. */
  static Optional<Manifest> read(Path folder) throws IOException {
    try {
      return Optional.of(
          new Manifest(
              Files.readAllLines(folder.resolve(FILE_NAME)).stream()
                  .filter(line -> !line.startsWith("#"))
                  .map(Line::parse)
                  .toList()));
    } catch (NoSuchFileException | java.nio.charset.MalformedInputException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
