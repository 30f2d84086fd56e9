package dev.jlora.tasks;

import dev.jlora.data.Encoded;
import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import java.util.List;
import java.util.Optional;

/**
 * The part of a context that the model sees: all of it, or a window.
 *
 * @param row the question's row; several windows share one
 * @param text the whole context
 * @param starts for each token of the example the index of its first char in the context; {@link
 *     Encoded#NONE} for tokens of the question and special tokens. Not copied
 * @param ends the index after its last char
 * @param answers the right answers; empty if there is none, or none is known
 */
record Context(Row row, String text, int[] starts, int[] ends, List<String> answers)
    implements Example.Origin {

  static Context of(Window window, String text, Encoded.Details details, List<String> answers) {
    int[] starts = details.starts().clone();
    int[] ends = details.ends().clone();
    for (int token = 0; token < starts.length; token++) {
      boolean inside = details.sequenceIds()[token] == 1;
      starts[token] = inside ? starts[token] + window.from() : Encoded.NONE;
      ends[token] = inside ? ends[token] + window.from() : Encoded.NONE;
    }
    return new Context(window.of(), text, starts, ends, answers);
  }

  /** The tokens of the chars from one index to another, if the model sees all of them. */
  Optional<Target.Span> span(int start, int end) {
    int first = -1;
    int last = -1;
    for (int token = 0; token < starts.length; token++) {
      if (has(token) && starts[token] < end && ends[token] > start) {
        first = first < 0 ? token : first;
        last = token;
      }
    }
    boolean whole = first >= 0 && starts[first] <= start && ends[last] >= end;
    return whole ? Optional.of(new Target.Span(first, last)) : Optional.empty();
  }

  boolean has(int token) {
    return token < starts.length && starts[token] != Encoded.NONE;
  }

  /** The text from one token to another, inclusive. */
  String text(int first, int last) {
    return text.substring(starts[first], ends[last]);
  }
}
