package dev.jlora.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.data.Row;
import dev.jlora.io.Json;
import dev.jlora.io.Printable;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spi.Answer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Formats predictions as lines of text or of JSON. */
final class AnswerLines {
  private AnswerLines() {}

  /** {@code positive 0.930 A fine film.}; for predictions per word, each word with its label. */
  static String text(Answer answer, String input) {
    List<Answer.Part> parts = answer.parts();
    boolean words = !parts.isEmpty() && parts.stream().noneMatch(part -> part.text().isEmpty());
    if (words) {
      String labelled =
          parts.stream()
              .map(part -> Printable.line(part.text() + "/" + part.label()))
              .collect(Collectors.joining(" "));
      return String.format(Locale.ROOT, "%.3f  %s", answer.score(), labelled);
    }
    return String.format(
        Locale.ROOT,
        "%-12s %.3f  %s",
        Printable.line(answer.label()),
        answer.score(),
        Printable.line(input));
  }

  /** A JSON object without empty lists; a lone vector is an array. */
  static String json(Answer answer) {
    if (!answer.vector().isEmpty()) {
      return Json.mapper().valueToTree(answer.vector()).toString();
    }
    return object(answer).toString();
  }

  /** The object of {@link #json(Answer)}, with the row's columns of the job under {@code row}. */
  static String json(Answer answer, Row row, ColumnsSpec columns) {
    if (!answer.vector().isEmpty()) {
      return json(answer);
    }
    ObjectNode asked = Json.mapper().createObjectNode();
    Stream.of(
            columns.text(), columns.textPair(), columns.tokens(), columns.image(), columns.label())
        .filter(column -> column != null && row.has(column))
        .forEach(column -> asked.putPOJO(column, row.value(column)));
    ObjectNode object = Json.mapper().createObjectNode();
    object.set("row", asked);
    object.setAll(object(answer));
    return object.toString();
  }

  private static ObjectNode object(Answer answer) {
    ObjectNode object = Json.mapper().valueToTree(answer);
    for (String key : List.of("scores", "parts", "vector")) {
      JsonNode value = object.get(key);
      if (value != null && value.isEmpty()) {
        object.remove(key);
      }
    }
    return object;
  }
}
