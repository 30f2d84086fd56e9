package dev.jlora.data;

import java.util.List;

/**
 * How a file of rows is read.
 *
 * @param columns the column names of a table without a header; empty: the first line names them
 * @param limit how many rows to read at most; {@link #ALL} for all
 */
public record ReadOptions(List<String> columns, int limit) {
  public static final int ALL = Integer.MAX_VALUE;
  public static final ReadOptions DEFAULT = new ReadOptions(List.of(), ALL);

  public ReadOptions {
    columns = List.copyOf(columns);
    if (limit < 1) {
      throw new IllegalArgumentException("limit: got " + limit + ", expected 1 or more rows");
    }
  }

  /** For a table without a header. */
  public ReadOptions withColumns(String... names) {
    return new ReadOptions(List.of(names), limit);
  }

  public ReadOptions withLimit(int rows) {
    return new ReadOptions(columns, rows);
  }
}
