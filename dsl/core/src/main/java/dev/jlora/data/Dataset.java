package dev.jlora.data;

import dev.jlora.io.Amount;
import java.util.List;
import java.util.stream.IntStream;

/** Rows in a fixed order, accessed by index; safe for concurrent reading. */
public interface Dataset {
  /** The origin of the rows, for display. */
  String name();

  int size();

  /** The row at {@code index}, from 0. */
  Row row(int index);

  /** A dataset of rows in memory. */
  static Dataset of(String name, List<Row> rows) {
    return new ListDataset(name, List.copyOf(rows));
  }

  /** The column names of the first row. */
  default List<String> columns() {
    return size() == 0 ? List.of() : row(0).columns();
  }

  /** The first {@code count} rows, or all if there are fewer. */
  default Dataset limit(int count) {
    return count >= size() ? this : slice(0, count);
  }

  /** Rows {@code from} to {@code to}, exclusive. */
  default Dataset slice(int from, int to) {
    return of(name(), IntStream.range(from, to).mapToObj(this::row).toList());
  }

  /** A dataset over a list. */
  record ListDataset(String name, List<Row> rows) implements Dataset {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Row row(int index) {
      return rows.get(index);
    }

    @Override
    public Dataset slice(int from, int to) {
      return new ListDataset(name, rows.subList(from, to));
    }

    @Override
    public String toString() {
      return name + " (" + Amount.of(rows.size(), "row") + ")";
    }
  }
}
