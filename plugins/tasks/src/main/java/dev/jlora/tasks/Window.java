package dev.jlora.tasks;

import dev.jlora.data.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a context that is too long to be seen as a whole. Windows go about as rows, with a
 * column of their own beside those of the row.
 *
 * @param of the row
 * @param from index of the first char in the context
 * @param to index after the last one
 */
record Window(Row of, int from, int to) {
  private static final String COLUMN = "window of the context";

  /** What of its context a row is about: all of it, unless the row is a window. */
  static Window of(Row row, String context) {
    return row.has(COLUMN)
        ? (Window) row.value(COLUMN)
        : new Window(row, 0, row.text(context).length());
  }

  /** The window as a row, whose other columns are those of its row. */
  Row row() {
    List<String> columns = new ArrayList<>(of.columns());
    List<Object> values = new ArrayList<>(of.asMap().values());
    columns.add(COLUMN);
    values.add(this);
    return new Row(columns, values, of.where(), 0);
  }
}
