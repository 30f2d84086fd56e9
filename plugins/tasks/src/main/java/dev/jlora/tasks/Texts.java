package dev.jlora.tasks;

import dev.jlora.data.Encoded;
import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.spec.ColumnsSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Encodes the text columns of rows. */
final class Texts {
  private Texts() {}

  /**
   * Examples of rows.
   *
   * @param details whether examples need the origin of tokens
   * @param example creates the example of a row from its encoded text
   */
  static List<Example> examples(
      List<Row> rows,
      TextEncoder text,
      ColumnsSpec columns,
      boolean details,
      BiFunction<Row, Encoded, Example> example) {
    String first = first(columns);
    String second = columns.textPair();
    return examples(
        rows,
        column(rows, first),
        second == null ? null : column(rows, second),
        text,
        details,
        example);
  }

  static List<Example> examples(
      List<Row> rows,
      List<String> first,
      @Nullable List<String> second,
      TextEncoder text,
      boolean details,
      BiFunction<Row, Encoded, Example> example) {
    List<Encoded> encoded =
        text.encode(first, second, details, rows.stream().map(Row::where).toList());
    List<Example> examples = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      if (encoded.get(i).length() == 0) {
        throw new FormatException(
            rows.get(i).where(),
            "has a blank text, of which this tokenizer makes no token at all.",
            "Fill or drop the row.");
      }
      examples.add(example.apply(rows.get(i), encoded.get(i)));
    }
    return examples;
  }

  /** Requires the text columns to contain text. */
  static void check(Row row, ColumnsSpec columns) {
    row.text(first(columns));
    if (columns.textPair() != null) {
      row.text(columns.textPair());
    }
  }

  private static String first(ColumnsSpec columns) {
    String first = columns.text();
    if (first == null) {
      throw new IllegalArgumentException(
          "data.columns: got no text column, expected its name (or, for words, that of tokens)");
    }
    return first;
  }

  static Example example(Row row, Encoded tokens, Target target) {
    return new Example(tokens.ids(), tokens.typeIds(), target, row.where());
  }

  private static List<String> column(List<Row> rows, String name) {
    return rows.stream().map(row -> row.text(name)).toList();
  }
}
