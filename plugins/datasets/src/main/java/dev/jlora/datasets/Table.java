package dev.jlora.datasets;

import dev.jlora.data.ReadOptions;
import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Collects the rows of a table. The first line has the column names unless they are given; a first
 * line that repeats given names is skipped.
 */
final class Table {
  private final SourceFile file;
  private final ReadOptions options;
  private List<Row> rows = new ArrayList<>();
  private List<String> columns;

  Table(SourceFile file, ReadOptions options) {
    this.file = file;
    this.options = options;
    this.columns = options.columns();
  }

  /** Whether the maximum number of rows is reached. */
  boolean full() {
    return rows.size() >= options.limit();
  }

  /** Adds the cells of one line. */
  void add(List<String> cells, long line) {
    if (columns.isEmpty()) {
      columns = header(cells, line);
    } else if (rows.isEmpty() && repeatsNames(cells)) {
      return; // a header line after all
    } else if (cells.size() == columns.size()) {
      rows.add(new Row(columns, cells, file.name(), line));
    } else {
      throw new FormatException(
          file.at(line),
          "has %d columns, expected %d: %s.".formatted(cells.size(), columns.size(), columns),
          options.columns().isEmpty()
              ? "Correct the line; give column names if the file has no header line."
              : "Correct the line, or name as many columns as the file has.");
    }
  }

  List<Row> rows() {
    return rows;
  }

  /** Releases the rows and returns their number. */
  int forget() {
    int count = rows.size();
    rows = new ArrayList<>();
    return count;
  }

  /** Whether a line repeats the given column names. */
  private boolean repeatsNames(List<String> cells) {
    boolean same = !options.columns().isEmpty() && cells.size() == columns.size();
    for (int i = 0; same && i < cells.size(); i++) {
      same = cells.get(i).strip().equalsIgnoreCase(columns.get(i).strip());
    }
    return same;
  }

  private List<String> header(List<String> cells, long line) {
    List<String> names = cells.stream().map(String::strip).toList();
    if (new HashSet<>(names).size() < names.size() || names.contains("")) {
      throw new FormatException(
          file.at(line),
          "names its columns %s, expected different names, none of them empty.".formatted(names),
          "Correct the header, or give column names if the file has no header line.");
    }
    return names;
  }
}
