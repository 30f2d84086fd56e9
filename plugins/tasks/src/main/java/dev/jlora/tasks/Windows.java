package dev.jlora.tasks;

import dev.jlora.data.Encoded;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits long contexts into windows, between words.
 *
 * @param shared number of tokens that a window shares with the previous one, at most half of it
 */
record Windows(TextEncoder text, int shared) {
  /** Number of rows tokenized at once. */
  private static final int CHUNK = 512;

  /** The windows of each row; the row itself if its context fits. */
  List<List<Row>> of(List<Row> rows, String question, String context) {
    int special = text.specialTokens(true);
    List<List<Row>> windows = new ArrayList<>(rows.size());
    for (int from = 0; from < rows.size(); from += CHUNK) {
      List<Row> some = rows.subList(from, Math.min(from + CHUNK, rows.size()));
      windows.addAll(windows(some, question, context, special));
    }
    return windows;
  }

  private List<List<Row>> windows(List<Row> rows, String question, String context, int special) {
    List<String> where = rows.stream().map(Row::where).toList();
    List<int[]> questions =
        text.tokens(rows.stream().map(row -> row.text(question)).toList(), where, false);
    List<Encoded> contexts =
        text.whole(rows.stream().map(row -> row.text(context)).toList(), where);
    List<List<Row>> windows = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      int room = text.maxLength() - special - questions.get(i).length;
      windows.add(windows(rows.get(i), contexts.get(i).details(), room));
    }
    return windows;
  }

  private List<Row> windows(Row row, Encoded.Details tokens, int room) {
    int length = tokens.starts().length;
    if (length <= room || room < 1) {
      return List.of(row);
    }
    List<Row> windows = new ArrayList<>();
    int start = 0;
    while (start + room < length) {
      int end = wordStart(tokens.wordIds(), start + room, start);
      windows.add(window(row, tokens, start, end));
      int next = end - Math.min(shared, (end - start) / 2);
      start = wordStart(tokens.wordIds(), next, start);
    }
    windows.add(window(row, tokens, start, length));
    return windows;
  }

  private static Row window(Row row, Encoded.Details tokens, int start, int end) {
    return new Window(row, tokens.starts()[start], tokens.ends()[end - 1]).row();
  }

  /** The first token of the token's word; the token itself if that is too far back. */
  private static int wordStart(int[] words, int token, int after) {
    int first = token;
    while (first > after && words[first] != Encoded.NONE && words[first - 1] == words[first]) {
      first--;
    }
    return first > after ? first : token;
  }
}
