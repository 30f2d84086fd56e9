package dev.jlora.tasks;

import dev.jlora.data.Encoded;
import dev.jlora.data.Example;
import java.util.List;

/**
 * The context that an answer is looked for in, as the model sees it.
 *
 * @param text the whole of it
 * @param starts for each token of the example the index of its first char in the context; {@link
 *     Encoded#NONE} for those of the question and for special ones. Not copied
 * @param ends the index after its last char
 * @param answers the right ones; empty where there is none, or none is known
 */
record Context(String text, int[] starts, int[] ends, List<String> answers)
    implements Example.Origin {

  static Context of(String text, Encoded.Details details, List<String> answers) {
    int[] starts = details.starts().clone();
    for (int token = 0; token < starts.length; token++) {
      if (details.sequenceIds()[token] != 1) {
        starts[token] = Encoded.NONE;
      }
    }
    return new Context(text, starts, details.ends(), answers);
  }

  boolean has(int token) {
    return token < starts.length && starts[token] != Encoded.NONE;
  }

  /** The text of the tokens from one to another, both included. */
  String text(int first, int last) {
    return text.substring(starts[first], ends[last]);
  }
}
