package dev.jlora.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a file of rows is read.
 *
 * @param columns the column names of a table without a header; empty: the first line names them
 * @param delimiter the one character that separates the cells of a CSV file; null goes by the file
 * @param limit how many rows to read at most; {@link #ALL} for all
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

  /** For a table without a header. */
  public ReadOptions withColumns(String... names) {
    return new ReadOptions(List.of(names), delimiter, limit);
  }

  public ReadOptions withLimit(int rows) {
    return new ReadOptions(columns, delimiter, rows);
  }

  /** For a CSV file whose cells something else than a comma separates. */
  public ReadOptions withDelimiter(String character) {
    return new ReadOptions(columns, character, limit);
  }
}
