package dev.jlora.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.jlora.io.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value of a label column. Formats differ in what they say about types: JSON has numbers,
 * booleans and lists, a cell of a table is always text. Here a cell that reads like one of these is
 * one.
 */
final class LabelValue {
  /** Digits with leading zeros are no number but a code: {@code 007}. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?=\\.?\\d)(?:0|[1-9]\\d{0,39})?(?:\\.\\d{0,40})?(?:[eE][+-]?\\d{1,3})?");

  private LabelValue() {}

  /** The number that a value is, or reads as. */
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

  /** The truth value that a value is, or reads as, whatever its case. */
  static @Nullable Boolean flag(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    String text = value instanceof String string ? string.strip() : "";
    return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
        ? Boolean.valueOf(text)
        : null;
  }

  /** The list that a value is, or a cell with a JSON list. */
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

  /** The shortest way to write a number: {@code 1} for {@code 1.0} and {@code 1.00}. */
  static String text(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  /** One spelling for values that mean the same; other texts as they are. */
  static String canonical(String text) {
    BigDecimal number = number(text);
    if (number != null) {
      return text(number);
    }
    Boolean flag = flag(text);
    return flag == null ? text : flag.toString();
  }
}
