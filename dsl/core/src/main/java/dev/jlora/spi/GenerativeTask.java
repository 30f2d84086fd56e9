package dev.jlora.spi;

import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.spec.ColumnsSpec;
import java.util.List;

/** A task whose models write texts, which an evaluation can hold against those of the rows. */
public interface GenerativeTask extends Task {

  /**
   * What a model is asked to go on with.
   *
   * @param ids the tokens it is given, as in training. Not copied
   * @param expected what it should write
   * @param where the row, for errors
   */
  record Prompt(int[] ids, String expected, String where) {}

  /**
   * The prompt of each row, in order.
   *
   * @throws dev.jlora.io.FormatException naming a row that has none
   */
  List<Prompt> prompts(List<Row> rows, TextEncoder text, ColumnsSpec columns);
}
