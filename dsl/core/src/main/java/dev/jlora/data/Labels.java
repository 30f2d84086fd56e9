package dev.jlora.data;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.Names;
import dev.jlora.spec.LabelLists;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Label names and their ids: a name's id is its place in the list. In data a label may be written
 * as its name or, where the names are no numbers themselves, as its id.
 */
public final class Labels {
  private static final Pattern WHOLE = Pattern.compile("\\d{1,9}");

  private final List<String> names;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Integer> idsOfSpellings = new HashMap<>();

  private Labels(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : this.names) {
      if (ids.putIfAbsent(name, ids.size()) != null) {
        throw new IllegalArgumentException("label '" + name + "' is named twice in " + names);
      }
    }
    ids.forEach((name, id) -> idsOfSpellings.merge(LabelValue.canonical(name), id, Math::min));
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
   * numbers, else in alphabetical order.
   */
  public static Labels collect(Dataset dataset, String column) {
    return new Labels(LabelColumn.of(dataset, column).names(/* several= */ false));
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
   * 1 for each label that a row has, 0 for the others. The column holds a list, or names joined by
   * {@code |}.
   *
   * @param lists how lists are written; null takes a list of as many numbers from 0 to 1 as there
   *     are labels for one value per label, and any other for names or ids
   */
  public float[] multiHot(Row row, String column, @Nullable LabelLists lists) {
    List<?> list = LabelValue.list(row.value(column));
    if (list != null && lists != LabelLists.LABELS) {
      float[] flags = flags(list);
      if (flags != null) {
        return flags;
      }
    }
    if (lists == LabelLists.FLAGS) {
      throw new FormatException(
          row.where(),
          "column '%s' is %s, expected a list of %d values from 0 to 1, one for each label."
              .formatted(column, row.value(column), size()),
          "Correct the row; if lists name labels, say data.columns.label_lists: labels"
              + " (--label-lists labels).");
    }
    float[] hot = new float[size()];
    for (String text : list == null ? LabelColumn.split(row.text(column)) : row.texts(column)) {
      int id = id(text, row.where());
      if (hot[id] == 1 && LabelValue.number(text) != null) {
        throw new FormatException(
            row.where(),
            "column '%s' is %s, which names label %s twice.".formatted(column, list, text),
            "Correct the row; if its lists have one value per label, all must be %d long."
                .formatted(size()));
      }
      hot[id] = 1;
    }
    return hot;
  }

  /** A list of one value for each label; null if it is none. */
  private float @Nullable [] flags(List<?> list) {
    if (list.size() != size()) {
      return null;
    }
    float[] flags = new float[size()];
    for (int i = 0; i < flags.length; i++) {
      switch (list.get(i)) {
        case Boolean flag -> flags[i] = flag ? 1 : 0;
        case Number number when number.doubleValue() >= 0 && number.doubleValue() <= 1 ->
            flags[i] = number.floatValue();
        case null, default -> {
          return null;
        }
      }
    }
    return flags;
  }

  /** Whether a row's label, or each label of its list, is one of these. */
  public boolean knows(Row row, String column) {
    List<?> list = LabelValue.list(row.value(column));
    return list == null
        ? find(row.text(column)) >= 0
        : flags(list) != null || row.texts(column).stream().allMatch(text -> find(text) >= 0);
  }

  /** The id of a label written as its name or id; {@code where} names the row in errors. */
  public int id(String text, String where) {
    int id = find(text);
    if (id >= 0) {
      return id;
    }
    throw new FormatException(
        where,
        "has the unknown label '%s'; the %d known ones are %s."
            .formatted(text, size(), Names.some(names, text)),
        "Correct the row, or list all labels in the order of their ids.");
  }

  /** The id of a label, however its file writes numbers and booleans; -1 for an unknown one. */
  private int find(String text) {
    Integer exact = ids.get(text);
    if (exact != null) {
      return exact;
    }
    String plain = LabelValue.canonical(text);
    Integer same = idsOfSpellings.get(plain);
    if (same != null) {
      return same;
    }
    if (WHOLE.matcher(plain).matches() && !namedByNumbers()) {
      int number = Integer.parseInt(plain);
      if (number < size()) {
        return number;
      }
    }
    return -1;
  }

  private boolean namedByNumbers() {
    return names.stream().anyMatch(name -> LabelValue.number(name) != null);
  }

  @Override
  public String toString() {
    return names.toString();
  }
}
