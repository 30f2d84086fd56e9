package dev.jlora.tasks;

import dev.jlora.data.Encoded;
import dev.jlora.data.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The words of a row, and the first token of each.
 *
 * @param texts the words
 * @param tokens the index of each word's first token; {@link Encoded#NONE} for a truncated word.
 *     Not copied
 */
record Words(List<String> texts, int[] tokens) implements Example.Origin {

  /** Words that were joined by spaces before encoding. */
  static Words joined(List<String> words, Encoded.Details details) {
    int[] wordOf = wordOfChar(words);
    int[] tokens = new int[words.size()];
    Arrays.fill(tokens, Encoded.NONE);
    String text = String.join(" ", words);
    for (int token = details.starts().length - 1; token >= 0; token--) { // the first one comes last
      int at = details.starts()[token];
      if (at != Encoded.NONE) {
        while (at + 1 < details.ends()[token] && text.charAt(at) == ' ') {
          at++; // some tokenizers count the space to the token after it
        }
        tokens[wordOf[at]] = token;
      }
    }
    return new Words(words, tokens);
  }

  /** The words that a tokenizer found in a text. */
  static Words of(String text, Encoded.Details details) {
    List<String> words = new ArrayList<>();
    IntList tokens = new IntList();
    int[] ids = details.wordIds();
    for (int token = 0; token < ids.length; token++) {
      if (details.sequenceIds()[token] == Encoded.NONE) {
        continue;
      }
      int last = token;
      while (last + 1 < ids.length && ids[token] != Encoded.NONE && ids[last + 1] == ids[token]) {
        last++;
      }
      tokens.add(token);
      words.add(text.substring(details.starts()[token], details.ends()[last]).strip());
      token = last;
    }
    return new Words(words, tokens.toArray());
  }

  /** The word of each char of the words joined by spaces. */
  private static int[] wordOfChar(List<String> words) {
    int[] wordOf = new int[words.stream().mapToInt(word -> word.length() + 1).sum()];
    int at = 0;
    for (int word = 0; word < words.size(); word++) {
      int end = at + words.get(word).length() + 1;
      Arrays.fill(wordOf, at, end, word);
      at = end;
    }
    return wordOf;
  }
}
