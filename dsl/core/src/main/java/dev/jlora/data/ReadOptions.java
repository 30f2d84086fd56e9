package dev.jlora.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Options for reading a file of rows.
 *
 * @param columns the column names of a table without a header; if empty, the first line is the
 *     header
 * @param delimiter the delimiter of a CSV file, one character; null detects it
 * @param limit maximum number of rows; {@link #ALL} for all
 */
public record ReadOptions(List<String> columns, @Nullable String delimiter, int limit) {
  public static final int ALL = Integer.MAX_VALUE;
  public static final ReadOptions DEFAULT = new ReadOptions(List.of(), null, ALL);

  public ReadOptions {
    columns = List.copyOf(columns);
    if (limit < 1) {
      throw new IllegalArgumentException("limit: got " + limit + ", expected 1 or more rows");
    }
  }

  /** Sets the column names of a table without a header. */
  public ReadOptions withColumns(String... names) {
    return new ReadOptions(List.of(names), delimiter, limit);
  }

  public ReadOptions withLimit(int rows) {
    return new ReadOptions(columns, delimiter, rows);
  }

  /** Sets the delimiter of a CSV file. */
  public ReadOptions withDelimiter(String character) {
    return new ReadOptions(columns, character, limit);
  }
}
