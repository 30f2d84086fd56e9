package dev.jlora.spi;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import java.nio.file.Path;

/** A file format of datasets; a plugin binds it under its name. */
@PartKind("dataset format")
public interface DatasetFormat {
  /** The name users write: {@code jsonl}, {@code csv}, {@code tsv}. */
  String name();

  /** Whether a file of this name is in this format; the file need not exist. */
  boolean accepts(Path file);

  /** Whether {@link ReadOptions#delimiter} means anything to it. */
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
