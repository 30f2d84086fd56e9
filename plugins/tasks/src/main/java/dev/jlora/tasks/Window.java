package dev.jlora.tasks;

import dev.jlora.data.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * A window of a context that is too long for the model. Windows are passed on as rows, with an
 * additional column.
 *
 * @param of the original row
 * @param from index of the first char in the context
 * @param to index after the last char
 */
record Window(Row of, int from, int to) {
  private static final String COLUMN = "window of the context";

  /** The part of the context that a row covers: all of it, unless the row is a window. */
  static Window of(Row row, String context) {
    return row.has(COLUMN)
        ? (Window) row.value(COLUMN)
        : new Window(row, 0, row.text(context).length());
  }

  /** The window as a row, with the other columns of the original row. */
  Row row() {
    List<String> columns = new ArrayList<>(of.columns());
    List<Object> values = new ArrayList<>(of.asMap().values());
    columns.add(COLUMN);
    values.add(this);
    return new Row(columns, values, of.where(), 0);
  }
}
