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
 * A label column as a whole: what is decided from it is decided from every row, and from what the
 * values say rather than from the format that they were written in.
 */
public final class LabelColumn {
  /** What the values of a column have in common. */
  public enum Kind {
    /** Texts, or a mixture. */
    NAMES,
    /** All of them true or false. */
    BOOLEANS,
    /** Numbers without a fraction. */
    WHOLE_NUMBERS,
    /** Numbers, at least one of which has a fraction. */
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
   * Looks at every row.
   *
   * @throws FormatException naming a row that has no such column, or null in it
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

  /**
   * What its values are; cells with JSON lists are lists where every cell that is filled is one.
   */
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

  /** How its lists are written, given how many labels there are; 0 where nobody named them. */
  public LabelLists lists(int known) {
    return shape.written(known, column);
  }

  /** The length that all its lists have; 0 or less where they differ. */
  public int listLength() {
    return shape.length();
  }

  /** A number with a fraction and its place: {@code 0.5 in train.csv:2}. */
  public String fraction() {
    return fraction == null
        ? "none"
        : "%s in %s".formatted(fraction.text(column), fraction.where());
  }

  /**
   * Refuses a column that can be meant in two ways, where the job does not say which.
   *
   * @throws FormatException naming the row that does not fit the others
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
          "Write it with a point; for a class of that name, say task.problem"
              + " single_label_classification (--problem).");
    }
    Row other = name != null ? name : flag;
    if (fraction != null && other != null) {
      throw new FormatException(
          other.where(),
          "column '%s' is '%s', but other rows have numbers with a fraction (%s)."
              .formatted(column, other.text(column), fraction()),
          "Correct or drop the row; if all of them are names of classes, say task.problem"
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
   * Refuses rows without a label.
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
   * The distinct labels: in the order of numbers if all are numbers, else in alphabetical order.
   * Numbers and booleans have one spelling, whatever the file's: {@code 1} for {@code 1.0}, {@code
   * true} for {@code True}.
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
