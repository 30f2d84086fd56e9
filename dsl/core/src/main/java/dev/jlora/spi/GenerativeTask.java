package dev.jlora.spi;

import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.spec.ColumnsSpec;
import java.util.List;

/**
 * A task whose models generate text, which an evaluation can compare with the texts of the rows.
 */
public interface GenerativeTask extends Task {

  /**
   * A prompt for the model.
   *
   * @param ids the prompt's tokens, as in training. Not copied
   * @param expected the expected text
   * @param where the row's location, for errors
   */
  record Prompt(int[] ids, String expected, String where) {}

  /**
   * The prompt of each row, in order.
   *
   * @throws dev.jlora.io.FormatException naming a row without a prompt
   */
  List<Prompt> prompts(List<Row> rows, TextEncoder text, ColumnsSpec columns);
}
