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
 * One row of a dataset: values by column name, and its location, which errors about it name. Values
 * are strings, numbers, booleans, lists of these, or null.
 */
public final class Row {
  private static final Pattern TABLE =
      Pattern.compile("\\.(csv|tsv|tab)(\\.gz)?$", Pattern.CASE_INSENSITIVE);

  private final List<String> columns;
  private final Object[] values;
  private final String file;
  private final long line;

  /**
   * @param columns the names, in order; not copied, so that the rows of a table share one list
   * @param values one per column
   * @param line in {@code file}, from 1; 0 if there are no lines
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

  /** A row created in memory. */
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

  /** The value as a path, resolved against the folder of the row's file. */
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

  /** Whether the column exists and is not null. */
  public boolean has(String column) {
    int index = columns.indexOf(column);
    return index >= 0 && values[index] != null;
  }

  /**
   * The value; a {@link FormatException} that lists the existing columns if it is absent or null.
   */
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

  /** The value as text: a string as it is, a number or boolean as printed. */
  public String text(String column) {
    return text(column, value(column));
  }

  /** The value as a number: a number, a boolean (1, 0), or a string that parses as a number. */
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

  /**
   * The value as a list: a list, or a text that is a JSON list; otherwise a {@link
   * FormatException}.
   */
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

  /** The value as a list of strings. */
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
