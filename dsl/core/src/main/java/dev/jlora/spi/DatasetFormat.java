package dev.jlora.spi;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import java.nio.file.Path;

/** A file format of datasets, bound by a plugin under its name. */
@PartKind("dataset format")
public interface DatasetFormat {
  /** The name in jobs: {@code jsonl}, {@code csv}, {@code tsv}. */
  String name();

  /** Whether a file with this name has this format; the file need not exist. */
  boolean accepts(Path file);

  /** Whether it supports {@link ReadOptions#delimiter}. */
  default boolean takesDelimiter() {
    return false;
  }

  /**
   * Reads the rows of {@code file}.
   *
   * @throws dev.jlora.io.FormatException naming file and line, if the file is missing, has no rows,
   *     or a row cannot be read
   */
  Dataset read(Path file, ReadOptions options);
}
