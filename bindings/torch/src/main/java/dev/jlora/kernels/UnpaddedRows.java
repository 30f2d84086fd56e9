package dev.jlora.kernels;

import java.util.ArrayList;
import java.util.List;

/**
 * The mapping between a padded batch [B, S, ...] and its unpadded form [1, T, ...]: of each row one
 * range of columns is kept, and the rows follow one another.
 *
 * @param width S, the columns of the batch
 * @param rows one for each row of the batch, in its order
 */
public record UnpaddedRows(long width, List<Row> rows) {
  /**
   * One row.
   *
   * @param offset of its first token in the unpadded form
   * @param column of that token in the batch
   * @param length number of columns kept, at least one
   */
  public record Row(long offset, long column, long length) {
    /** Offset after its last token in the unpadded form. */
    public long end() {
      return offset + length;
    }
  }

  public UnpaddedRows {
    rows = List.copyOf(rows);
    long expected = 0;
    for (Row row : rows) {
      boolean inside = row.column >= 0 && row.length > 0 && row.column + row.length <= width;
      if (!inside || row.offset != expected) {
        throw new IllegalArgumentException(
            "unpadded rows: got %s at %d of %d columns, expected a range of these at that place"
                .formatted(row, expected, width));
      }
      expected = row.end();
    }
  }

  /**
   * Creates rows that keep the given columns.
   *
   * @param columns the first column of each row
   * @param lengths the number of columns of each row
   */
  public static UnpaddedRows of(long width, long[] columns, long[] lengths) {
    List<Row> rows = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < columns.length; i++) {
      rows.add(new Row(offset, columns[i], lengths[i]));
      offset += lengths[i];
    }
    return new UnpaddedRows(width, rows);
  }

  /** B, the number of rows of the batch. */
  public long batch() {
    return rows.size();
  }

  /** T, the number of tokens kept. */
  public long tokens() {
    return rows.isEmpty() ? 0 : rows.getLast().end();
  }

  /** The length of the longest row. */
  public long longest() {
    return rows.stream().mapToLong(Row::length).max().orElse(0);
  }
}
