package dev.jlora.tasks;

import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The right answers of a row: a text, a list of texts, or SQuAD's object {@code {"text": [...],
 * "answer_start": [...]}}. All of them are accepted in evaluation; the first is trained.
 *
 * @param texts empty if the context contains no answer
 * @param start the position of the first one in the context, in code points as in SQuAD's files and
 *     Python; -1 if the row does not have it
 */
record GoldAnswers(List<String> texts, int start) {
  private static final String TEXT = "text";
  private static final String START = "answer_start";

  static GoldAnswers of(Row row, String column) {
    if (row.value(column) instanceof Map<?, ?> squad) {
      return of(row, texts(row, column, squad.get(TEXT)), squad.get(START));
    }
    return of(row, texts(row, column, row.value(column)), row.has(START) ? row.value(START) : null);
  }

  private static GoldAnswers of(Row row, List<String> texts, @Nullable Object starts) {
    int first = 0;
    while (first < texts.size() && texts.get(first).isEmpty()) {
      first++;
    }
    if (first == texts.size()) {
      return new GoldAnswers(List.of(), -1);
    }
    Object start =
        starts instanceof List<?> list ? first < list.size() ? list.get(first) : null : starts;
    return new GoldAnswers(
        texts.stream().filter(text -> !text.isEmpty()).toList(),
        start == null ? -1 : start(row, start));
  }

  /** The index of the first char of the first answer in its context; -1 if it is not found. */
  int firstChar(String context) {
    String answer = texts.getFirst();
    if (start < 0) {
      return context.indexOf(answer);
    }
    if (start > context.codePointCount(0, context.length())) {
      return -1;
    }
    int first = context.offsetByCodePoints(0, start);
    return context.startsWith(answer, first) ? first : -1;
  }

  private static List<String> texts(Row row, String column, @Nullable Object value) {
    return switch (value) {
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          list.stream().map(String.class::cast).toList();
      case List<?> _ -> throw unreadable(row, column, value);
      case Map<?, ?> _ -> throw unreadable(row, column, value);
      case null -> throw unreadable(row, column, null);
      case String text -> List.of(text);
      default -> List.of(row.text(column));
    };
  }

  private static int start(Row row, Object value) {
    try {
      int start = new BigDecimal(value.toString().strip()).intValueExact();
      if (start >= -1) {
        return start;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // said below
    }
    throw new FormatException(
        row.where(),
        "has the answer_start %s, expected a whole number of characters from the context's start."
            .formatted(value),
        "Correct the row; leave answer_start out to take the first place where the answer stands.");
  }

  private static FormatException unreadable(Row row, String column, @Nullable Object value) {
    return new FormatException(
        row.where(),
        "column '%s' has the answers %s.".formatted(column, value),
        "Expected a text, a list of texts, or {\"text\": [...], \"answer_start\": [...]}.");
  }
}
