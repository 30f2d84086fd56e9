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
 * Label names and their ids: the id of a name is its index in the list. In data, a label may be
 * written as its name or, if the names are not numbers, as its id.
 */
public final class Labels {
  private static final Pattern WHOLE = Pattern.compile("\\d{1,9}");

  private final List<String> names;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Integer> idsOfSpellings = new HashMap<>();
  private final boolean namedByNumbers;

  private Labels(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : this.names) {
      if (ids.putIfAbsent(name, ids.size()) != null) {
        throw new IllegalArgumentException(
            "label '%s' is named twice among the %,d labels".formatted(name, names.size()));
      }
    }
    namedByNumbers = names.stream().anyMatch(name -> LabelValue.number(name) != null);
    ids.forEach((name, id) -> idsOfSpellings.merge(LabelValue.canonical(name), id, Math::min));
  }

  /** Labels in the order of their ids. */
  public static Labels of(List<String> names) {
    return new Labels(names);
  }

  public static Labels of(String... names) {
    return new Labels(List.of(names));
  }

  /** The labels in a model's configuration; none if it has none. */
  public static Labels of(ModelConfig config) {
    return new Labels(config.labels());
  }

  /**
   * The distinct labels in a column, whose values may be lists: in numerical order if all are
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

  /** The id of the single label in a column. */
  public int id(Row row, String column) {
    return id(row.text(column), row.where());
  }

  /** The ids of a list of labels, one per token or word. */
  public int[] ids(Row row, String column) {
    return row.texts(column).stream().mapToInt(text -> id(text, row.where())).toArray();
  }

  /**
   * 1 for each label of a row, 0 for the others. The column contains a list, or names joined by
   * {@code |}.
   *
   * @param lists notation of lists; null reads a list of as many numbers from 0 to 1 as there are
   *     labels as one value per label, and any other list as names or ids
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
          "Correct the row; if lists name labels, set data.columns.label_lists to labels"
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

  /** A list of one value per label; null if it is not one. */
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

  /** Whether all labels of a row are known. */
  public boolean knows(Row row, String column) {
    List<?> list = LabelValue.list(row.value(column));
    return list == null
        ? find(row.text(column)) >= 0
        : flags(list) != null || row.texts(column).stream().allMatch(text -> find(text) >= 0);
  }

  /** The id of a label given by name or id; {@code where} names the row in errors. */
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

  /** The id of a label in any spelling of numbers and booleans; -1 if unknown. */
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
    if (WHOLE.matcher(plain).matches() && !namedByNumbers) {
      int number = Integer.parseInt(plain);
      if (number < size()) {
        return number;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return names.toString();
  }
}
