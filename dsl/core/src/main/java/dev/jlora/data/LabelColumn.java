package dev.jlora.data;

import dev.jlora.io.FormatException;
import dev.jlora.spec.LabelLists;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A label column as a whole. Its type is decided from every row, and from the values rather than
 * from the types of the file format.
 */
public final class LabelColumn {
  /** The common type of the values of a column. */
  public enum Kind {
    /** Names, or a mixture. */
    NAMES,
    /** All true or false. */
    BOOLEANS,
    /** Numbers without a fraction. */
    WHOLE_NUMBERS,
    /** Numbers, at least one of them with a fraction. */
    FRACTIONS,
    /** Lists of labels, or of one value for each label. */
    LISTS
  }

  private static final Pattern DECIMAL_COMMA = Pattern.compile("[+-]?\\d+,\\d+");
  private static final Pattern SEPARATOR = Pattern.compile("\\|");

  private final Dataset rows;
  private final String column;
  private final ListShape shape = new ListShape();
  private int scalars;
  private int lists;
  private int cellsLikeLists;
  private @Nullable Row blank;
  private @Nullable Row name;
  private @Nullable Row flag;
  private @Nullable Row number;
  private @Nullable Row fraction;
  private @Nullable Row comma;
  private boolean onlyCommas = true;

  private LabelColumn(Dataset rows, String column) {
    this.rows = rows;
    this.column = column;
  }

  /**
   * Examines every row.
   *
   * @throws FormatException naming a row without this column, or with null in it
   */
  public static LabelColumn of(Dataset rows, String column) {
    var found = new LabelColumn(rows, column);
    for (int i = 0; i < rows.size(); i++) {
      found.add(rows.row(i));
    }
    return found;
  }

  private void add(Row row) {
    Object value = row.value(column);
    List<?> list = LabelValue.list(value);
    if (list != null) {
      shape.add(list, row);
      lists++;
      cellsLikeLists += value instanceof String ? 1 : 0;
      if (value instanceof List<?>) {
        return;
      }
    }
    String text = row.text(column);
    BigDecimal parsed = LabelValue.number(value);
    if (text.isBlank()) {
      blank = first(blank, row);
      return;
    }
    scalars++;
    if (parsed != null) {
      number = first(number, row);
      fraction = LabelValue.isWhole(parsed) ? fraction : first(fraction, row);
    } else if (LabelValue.flag(value) != null) {
      flag = first(flag, row);
      onlyCommas = false;
    } else {
      name = first(name, row);
      boolean withComma = DECIMAL_COMMA.matcher(text.strip()).matches();
      comma = withComma ? first(comma, row) : comma;
      onlyCommas &= withComma;
    }
  }

  private static Row first(@Nullable Row before, Row row) {
    return before == null ? row : before;
  }

  /** The type of its values; lists only if every non-empty cell is a list or a JSON list. */
  public Kind kind() {
    if (lists > cellsLikeLists || (lists > 0 && lists == scalars)) {
      return Kind.LISTS;
    }
    if (name != null || (flag != null && number != null)) {
      return Kind.NAMES;
    }
    if (flag != null) {
      return Kind.BOOLEANS;
    }
    return fraction != null ? Kind.FRACTIONS : number != null ? Kind.WHOLE_NUMBERS : Kind.NAMES;
  }

  /** The notation of its lists, given the number of labels; 0 if no labels are named. */
  public LabelLists lists(int known) {
    return shape.written(known, column);
  }

  /** The common length of all lists; 0 or less if they differ. */
  public int listLength() {
    return shape.length();
  }

  /** A number with a fraction and its location: {@code 0.5 in train.csv:2}. */
  public String fraction() {
    return fraction == null
        ? "none"
        : "%s in %s".formatted(fraction.text(column), fraction.where());
  }

  /**
   * Rejects an ambiguous column if the job does not specify its type.
   *
   * @throws FormatException naming a row that differs from the others
   */
  public void refuseMixtures() {
    if (kind() == Kind.LISTS) {
      return;
    }
    refuseBlanks();
    if (comma != null && onlyCommas) {
      throw new FormatException(
          comma.where(),
          "column '%s' is '%s', a number with a decimal comma."
              .formatted(column, comma.text(column)),
          "Write it with a point; for a class of that name, set task.problem to"
              + " single_label_classification (--problem).");
    }
    Row other = name != null ? name : flag;
    if (fraction != null && other != null) {
      throw new FormatException(
          other.where(),
          "column '%s' is '%s', but other rows have numbers with a fraction (%s)."
              .formatted(column, other.text(column), fraction()),
          "Correct or drop the row; if all of them are names of classes, set task.problem to"
              + " single_label_classification (--problem).");
    }
    if (lists == 0 && name != null && name.text(column).strip().startsWith("['")) {
      throw new FormatException(
          name.where(),
          "column '%s' is \"%s\", a list as Python prints it.".formatted(column, name.text(column)),
          "Write a JSON list, with double quotes.");
    }
  }

  /**
   * Rejects rows without a label.
   *
   * @throws FormatException naming the first
   */
  public void refuseBlanks() {
    if (blank != null) {
      throw new FormatException(
          blank.where(),
          "column '%s' is blank, expected a label.".formatted(column),
          "Fill or drop the row.");
    }
  }

  /**
   * The distinct labels: in numerical order if all are numbers, else in alphabetical order. Numbers
   * and booleans have one spelling: {@code 1} for {@code 1.0}, {@code true} for {@code True}.
   *
   * @param several whether a text may join several names by {@code |}
   */
  public List<String> names(boolean several) {
    Set<String> found = new LinkedHashSet<>();
    boolean asLists = kind() == Kind.LISTS;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.row(i);
      List<?> list = asLists ? LabelValue.list(row.value(column)) : null;
      if (list != null) {
        found.addAll(row.texts(column));
      } else if (several) {
        found.addAll(split(row.text(column)));
      } else {
        found.add(row.text(column));
      }
    }
    return ordered(found);
  }

  static List<String> split(String text) {
    return text.isBlank() ? List.of() : SEPARATOR.splitAsStream(text).map(String::strip).toList();
  }

  private static List<String> ordered(Collection<String> names) {
    if (names.stream().allMatch(name -> LabelValue.number(name) != null)) {
      return names.stream()
          .map(LabelValue::number)
          .map(BigDecimal::stripTrailingZeros)
          .distinct()
          .sorted()
          .map(LabelValue::text)
          .toList();
    }
    boolean flags = names.stream().allMatch(name -> LabelValue.flag(name) != null);
    return names.stream()
        .map(name -> flags ? LabelValue.canonical(name) : name)
        .distinct()
        .sorted(Comparator.naturalOrder())
        .toList();
  }
}
