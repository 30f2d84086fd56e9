package dev.jlora.data;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.Names;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Label names and their ids: a name's id is its place in the list. In data a label may be written
 * as its name or, where the names are no numbers themselves, as its id.
 */
public final class Labels {
  private static final Pattern WHOLE = Pattern.compile("-?\\d{1,9}");
  private static final Pattern SEPARATOR = Pattern.compile("\\|");

  private final List<String> names;
  private final Map<String, Integer> ids = new HashMap<>();

  private Labels(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : this.names) {
      if (ids.putIfAbsent(name, ids.size()) != null) {
        throw new IllegalArgumentException("label '" + name + "' is named twice in " + names);
      }
    }
  }

  /** Labels in the order of their ids. */
  public static Labels of(List<String> names) {
    return new Labels(names);
  }

  public static Labels of(String... names) {
    return new Labels(List.of(names));
  }

  /** The labels that a model's configuration names; none where it names none. */
  public static Labels of(ModelConfig config) {
    return new Labels(config.labels());
  }

  /**
   * The distinct labels in a column, whose values may be lists: in the order of numbers if all are
   * whole numbers, else in alphabetical order.
   */
  public static Labels collect(Dataset dataset, String column) {
    Set<String> found = new LinkedHashSet<>();
    for (int i = 0; i < dataset.size(); i++) {
      Row row = dataset.row(i);
      if (row.value(column) instanceof List<?>) {
        found.addAll(row.texts(column));
      } else {
        found.add(row.text(column));
      }
    }
    boolean numbers = found.stream().allMatch(name -> WHOLE.matcher(name).matches());
    Comparator<String> order =
        numbers ? Comparator.comparing(Integer::valueOf) : Comparator.naturalOrder();
    return new Labels(found.stream().sorted(order).toList());
  }

  public int size() {
    return names.size();
  }

  public List<String> names() {
    return names;
  }

  public String name(int id) {
    return names.get(id);
  }

  /** The id of the one label in a column. */
  public int id(Row row, String column) {
    return id(row.text(column), row.where());
  }

  /** The id of each label of a list, as for tokens. */
  public int[] ids(Row row, String column) {
    return row.texts(column).stream().mapToInt(text -> id(text, row.where())).toArray();
  }

  /**
   * 1 for each label that a row has, 0 for the others. The column holds a list of names or ids,
   * names joined by {@code |}, or one boolean or decimal number per label.
   */
  public float[] multiHot(Row row, String column) {
    float[] hot = new float[size()];
    Object value = row.value(column);
    if (value instanceof List<?> list && list.size() == size() && direct(list)) {
      for (int i = 0; i < hot.length; i++) {
        hot[i] = list.get(i) instanceof Number number ? number.floatValue() : 0;
        hot[i] = Boolean.TRUE.equals(list.get(i)) ? 1 : hot[i];
      }
      return hot;
    }
    List<String> present = value instanceof List<?> ? row.texts(column) : split(row.text(column));
    for (String text : present) {
      hot[id(text, row.where())] = 1;
    }
    return hot;
  }

  /** The id of a label written as its name or id; {@code where} names the row in errors. */
  public int id(String text, String where) {
    Integer id = ids.get(text);
    if (id != null) {
      return id;
    }
    if (WHOLE.matcher(text).matches() && !namedByNumbers()) {
      int number = Integer.parseInt(text);
      if (number >= 0 && number < size()) {
        return number;
      }
    }
    throw new FormatException(
        where,
        "has the unknown label '%s'; the %d known ones are %s."
            .formatted(text, size(), Names.some(names, text)),
        "Correct the row, or list all labels in the order of their ids.");
  }

  private boolean namedByNumbers() {
    return names.stream().anyMatch(name -> WHOLE.matcher(name).matches());
  }

  private static boolean direct(List<?> list) {
    return !list.isEmpty()
        && list.stream().allMatch(item -> item instanceof Boolean || item instanceof Double);
  }

  private static List<String> split(String text) {
    return text.isBlank() ? List.of() : SEPARATOR.splitAsStream(text).map(String::strip).toList();
  }

  @Override
  public String toString() {
    return names.toString();
  }
}
