package dev.jlora.kernels;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the tokens of a batch [B, S, ...] lie when they are packed, [1, T, ...]: of each row one
 * range of columns, one row after the other, the rest left out.
 *
 * @param width S, the columns of the batch
 * @param rows one for each row of the batch, in its order
 */
public record PackedRows(long width, List<Row> rows) {
  /**
   * One row.
   *
   * @param offset of its first token among the packed ones
   * @param column where that token stands in the batch
   * @param length how many columns are kept, at least one
   */
  public record Row(long offset, long column, long length) {
    /** Behind its last token among the packed ones. */
    public long end() {
      return offset + length;
    }
  }

  public PackedRows {
    rows = List.copyOf(rows);
    long expected = 0;
    for (Row row : rows) {
      boolean inside = row.column >= 0 && row.length > 0 && row.column + row.length <= width;
      if (!inside || row.offset != expected) {
        throw new IllegalArgumentException(
            "packed rows: got %s at %d of %d columns, expected a range of these at that place"
                .formatted(row, expected, width));
      }
      expected = row.end();
    }
  }

  /**
   * Rows that keep these columns.
   *
   * @param columns the first of each row
   * @param lengths how many of each row
   */
  public static PackedRows of(long width, long[] columns, long[] lengths) {
    List<Row> rows = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < columns.length; i++) {
      rows.add(new Row(offset, columns[i], lengths[i]));
      offset += lengths[i];
    }
    return new PackedRows(width, rows);
  }

  /** B, the rows of the batch. */
  public long batch() {
    return rows.size();
  }

  /** T, how many tokens are kept. */
  public long tokens() {
    return rows.isEmpty() ? 0 : rows.getLast().end();
  }

  /** The length of the longest row. */
  public long longest() {
    return rows.stream().mapToLong(Row::length).max().orElse(0);
  }
}
