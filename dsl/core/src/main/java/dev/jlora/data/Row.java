package dev.jlora.data;

import dev.jlora.io.FormatException;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One row of a dataset: values by column name, and the place it came from, which every complaint
 * about it names. Values are strings, numbers, booleans, lists of those, or null.
 */
public final class Row {
  private static final Pattern TABLE =
      Pattern.compile("\\.(csv|tsv|tab)(\\.gz)?$", Pattern.CASE_INSENSITIVE);

  private final List<String> columns;
  private final Object[] values;
  private final String file;
  private final long line;

  /**
   * @param columns the names, in order; kept as they are, so that rows of a table share one list
   * @param values as many values
   * @param line in {@code file}, from 1; 0 where lines mean nothing
   */
  public Row(List<String> columns, List<?> values, String file, long line) {
    if (columns.size() != values.size()) {
      throw new IllegalArgumentException(
          "got %d values for %d columns".formatted(values.size(), columns.size()));
    }
    this.columns = columns;
    this.values = values.toArray();
    this.file = file;
    this.line = line;
  }

  /** A row made in memory. */
  public static Row of(Map<String, ?> values) {
    List<Object> inOrder = new ArrayList<>(values.values());
    return new Row(List.copyOf(values.keySet()), inOrder, "row made in memory", 0);
  }

  /** {@code file:line}, or just the file. */
  public String where() {
    return line > 0 ? file + ":" + line : file;
  }

  public List<String> columns() {
    return columns;
  }

  /** The value as a file; a relative one starts from the folder of the row's own file. */
  public Path path(String column) {
    Path folder = Path.of(file).getParent();
    Path path;
    try {
      path = Path.of(text(column));
    } catch (InvalidPathException e) {
      throw new FormatException(
          where(),
          "column '" + column + "' holds a NUL character, expected the path of a file.",
          "Correct the row.",
          e);
    }
    return line > 0 && folder != null ? folder.resolve(path) : path;
  }

  /** Whether the column is there and not null. */
  public boolean has(String column) {
    int index = columns.indexOf(column);
    return index >= 0 && values[index] != null;
  }

  /** The value; a {@link FormatException} listing the columns there are if it is absent or null. */
  public Object value(String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new FormatException(
          where(),
          "has no column '" + column + "'; its columns are " + quoted(columns) + ".",
          TABLE.matcher(file).find()
              ? "Name the right ones in data.columns (--text, --label and the like); if the file"
                  + " has no header line, name its columns in data.header (--header)."
              : "Name the right ones in data.columns (--text, --label and the like), or correct the"
                  + " row.");
    }
    Object value = values[index];
    if (value == null) {
      throw new FormatException(
          where(), "column '" + column + "' is null, expected a value.", "Fill or drop the row.");
    }
    return value;
  }

  /** The value as text: a string as it is, a number or boolean as it prints. */
  public String text(String column) {
    return text(column, value(column));
  }

  /** The value as a number: a number, a boolean (1, 0), or a string that reads as a number. */
  public double number(String column) {
    Object value = value(column);
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    BigDecimal number = LabelValue.number(value);
    if (number != null) {
      return number.doubleValue();
    }
    throw new FormatException(
        where(),
        "column '" + column + "' is '" + shortened(value) + "', expected a number.",
        "Correct the row, or name another column.");
  }

  /** The value as a list: one, or a text that is a JSON list; a {@link FormatException} else. */
  public List<?> list(String column) {
    Object value = value(column);
    List<?> list = LabelValue.list(value);
    if (list != null) {
      return list;
    }
    throw new FormatException(
        where(),
        "column '" + column + "' is '" + shortened(value) + "', expected a list.",
        "Write it as a JSON list.");
  }

  /** The value as a list of texts. */
  public List<String> texts(String column) {
    List<?> list = list(column);
    List<String> texts = new ArrayList<>(list.size());
    for (Object item : list) {
      texts.add(text(column, item));
    }
    return texts;
  }

  /** All values by name, in order. */
  public Map<String, @Nullable Object> asMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      map.put(columns.get(i), values[i]);
    }
    return map;
  }

  private String text(String column, @Nullable Object value) {
    return switch (value) {
      case String text -> text;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          Long.toString(number.longValue());
      case BigDecimal number -> number.toPlainString();
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      case null, default ->
          throw new FormatException(
              where(),
              "column '" + column + "' is '" + shortened(value) + "', expected text.",
              "Name a column of text, or correct the row.");
    };
  }

  private static String shortened(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static String quoted(Collection<String> names) {
    return names.stream().map(name -> "'" + name + "'").toList().toString();
  }

  @Override
  public String toString() {
    return where() + " " + asMap();
  }
}
