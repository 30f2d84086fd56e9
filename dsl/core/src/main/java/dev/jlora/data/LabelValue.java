package dev.jlora.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.jlora.io.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value of a label column. Formats differ in their types: JSON has numbers, booleans and lists,
 * a cell of a table is always text. A cell that parses as one of these types is treated as such.
 */
final class LabelValue {
  /** Digits with leading zeros are a code, not a number: {@code 007}. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?=\\.?\\d)(?:0|[1-9]\\d{0,39})?(?:\\.\\d{0,40})?(?:[eE][+-]?\\d{1,3})?");

  private LabelValue() {}

  /** The value as a number, or null. */
  static @Nullable BigDecimal number(Object value) {
    if (!(value instanceof Number || value instanceof String)) {
      return null;
    }
    String text = value.toString().strip();
    if (value instanceof String && !NUMBER.matcher(text).matches()) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null; // infinite
    }
  }

  /** The value as a boolean, ignoring case, or null. */
  static @Nullable Boolean flag(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    String text = value instanceof String string ? string.strip() : "";
    return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
        ? Boolean.valueOf(text)
        : null;
  }

  /** The value as a list, if it is one or a cell with a JSON list; or null. */
  static @Nullable List<?> list(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (!(value instanceof String text)) {
      return null;
    }
    String cell = text.strip();
    if (!cell.startsWith("[") || !cell.endsWith("]")) {
      return null;
    }
    try {
      return Json.mapper().readValue(cell, List.class);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  static boolean isWhole(BigDecimal number) {
    return number.stripTrailingZeros().scale() <= 0;
  }

  /** The shortest form of a number: {@code 1} for {@code 1.0} and {@code 1.00}. */
  static String text(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  /** A canonical spelling for values that mean the same; other texts are unchanged. */
  static String canonical(String text) {
    BigDecimal number = number(text);
    if (number != null) {
      return text(number);
    }
    Boolean flag = flag(text);
    return flag == null ? text : flag.toString();
  }
}
