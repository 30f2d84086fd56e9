package dev.jlora.tasks;

import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.io.FormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins passages and cuts the result into blocks of one length, so that no token is padding. The
 * last block is shorter, and dropped if it has nothing to predict.
 *
 * @param length of a block in tokens
 */
record TokenBlocks(int length) {
  private static final String IDS = "block ids";
  private static final String LABELS = "block labels";
  private static final List<String> COLUMNS = List.of(IDS, LABELS);

  /** Number of rows tokenized at once. */
  private static final int CHUNK = 512;

  /**
   * The blocks of all rows, in order.
   *
   * @throws FormatException if no token is trained
   */
  Dataset pack(Dataset rows, Passages passages) {
    IntList ids = new IntList();
    IntList labels = new IntList();
    List<Row> blocks = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += CHUNK) {
      Dataset some = rows.slice(from, Math.min(from + CHUNK, rows.size()));
      List<Row> list = new ArrayList<>();
      for (int i = 0; i < some.size(); i++) {
        list.add(some.row(i));
      }
      for (Passages.Passage passage : passages.of(list, true)) {
        for (int i = 0; i < passage.ids().length; i++) {
          ids.add(passage.ids()[i]);
          labels.add(passage.labels()[i]);
        }
      }
    }
    int[] allIds = ids.toArray();
    int[] allLabels = labels.toArray();
    for (int from = 0; from < allIds.length; from += length) {
      int to = Math.min(from + length, allIds.length);
      int[] learnt = Arrays.copyOfRange(allLabels, from, to);
      if (Arrays.stream(learnt).skip(1).anyMatch(label -> label != Collator.IGNORED)) {
        List<?> values = List.of(Arrays.copyOfRange(allIds, from, to), learnt);
        blocks.add(
            new Row(
                COLUMNS, values, "block %d of %s".formatted(from / length + 1, rows.name()), 0));
      }
    }
    if (blocks.isEmpty()) {
      throw new FormatException(
          rows.name(), "has no text to train on.", "Check the columns and the file.");
    }
    return Dataset.of(rows.name(), blocks);
  }

  static boolean isPacked(List<Row> rows) {
    return !rows.isEmpty() && rows.getFirst().columns().equals(COLUMNS);
  }

  static Example example(Row block) {
    return new Example(
        (int[]) block.value(IDS),
        null,
        new Target.TokenIds((int[]) block.value(LABELS)),
        block.where());
  }
}
