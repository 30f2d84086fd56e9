package dev.jlora.tasks;

import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The right answers of a row: a text, a list of texts, or SQuAD's object {@code {"text": [...],
 * "answer_start": [...]}}. Any is right when an answer is judged; the first is learnt.
 *
 * @param texts empty where the context holds no answer
 * @param start where the first one begins in the context; -1 where the row does not say
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

  private static GoldAnswers of(Row row, List<String> texts, @Nullable Object start) {
    List<String> some = texts.stream().filter(text -> !text.isEmpty()).toList();
    return new GoldAnswers(some, some.isEmpty() ? -1 : start(row, start));
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

  private static int start(Row row, @Nullable Object value) {
    return switch (value) {
      case null -> -1;
      case List<?> list when list.isEmpty() -> -1;
      case List<?> list -> start(row, list.getFirst());
      case Number number -> number.intValue();
      default -> (int) row.number(START); // a cell of a table
    };
  }

  private static FormatException unreadable(Row row, String column, @Nullable Object value) {
    return new FormatException(
        row.where(),
        "column '%s' has the answers %s.".formatted(column, value),
        "Expected a text, a list of texts, or {\"text\": [...], \"answer_start\": [...]}.");
  }
}
