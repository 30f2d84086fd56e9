package dev.jlora.data;

import dev.jlora.io.FormatException;
import dev.jlora.spec.LabelLists;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lists of a label column: whether they name labels or have one value for each label.
 *
 * <p>They are flags if every list has as many values as there are labels (without named labels: if
 * all lists are equally long, two or more) and all values are between 0 and 1. A column of label
 * ids does not look like that by accident: each of its lists would name every label.
 */
final class ListShape {
  private static final int NONE = -1;
  private static final int DIFFERENT = -2;

  private int length = NONE;
  private boolean texts;
  private @Nullable Row fraction;
  private @Nullable Row beyondOne;
  private @Nullable Row repeated;
  private @Nullable Row booleans;

  void add(List<?> list, Row row) {
    length = length == NONE || length == list.size() ? list.size() : DIFFERENT;
    var seen = new HashSet<BigDecimal>();
    for (Object item : list) {
      BigDecimal number = item instanceof Number ? LabelValue.number(item) : null;
      if (item instanceof Boolean flag) {
        booleans = booleans == null ? row : booleans;
        number = flag ? BigDecimal.ONE : BigDecimal.ZERO;
      }
      if (number == null) {
        texts = true;
        continue;
      }
      if (number.signum() < 0 || number.compareTo(BigDecimal.ONE) > 0) {
        beyondOne = beyondOne == null ? row : beyondOne;
      }
      if (!LabelValue.isWhole(number)) {
        fraction = fraction == null ? row : fraction;
      }
      if (!seen.add(number.stripTrailingZeros())) {
        repeated = repeated == null ? row : repeated;
      }
    }
  }

  /** The common length of all lists; 0 or less if they differ. */
  int length() {
    return length;
  }

  /**
   * The notation of the lists.
   *
   * @param known number of labels; 0 if none are named
   * @throws FormatException naming a row, if the lists match neither notation
   */
  LabelLists written(int known, String column) {
    if (texts) {
      return LabelLists.LABELS;
    }
    boolean fits = known == 0 ? length >= 2 : length == known;
    if (fits && beyondOne == null) {
      return LabelLists.FLAGS;
    }
    Row odd = fraction != null ? fraction : booleans != null ? booleans : repeated;
    if (odd != null) {
      throw new FormatException(
          odd.where(),
          "column '%s' is %s, which is neither a list of label ids nor one value from 0 to 1 for each of %s."
              .formatted(column, odd.value(column), known == 0 ? "the labels" : known + " labels"),
          "Write lists of names or ids, or lists that are all as long as there are labels.");
    }
    return LabelLists.LABELS;
  }
}
