package dev.jlora.data.tokenizer;

import java.util.function.IntPredicate;

/**
 * How many tokens of two texts are kept where they are too long together, the longer cut first.
 *
 * <p>This is the rule of tokenizers 0.23: if the shorter text fits into half of the room, the other
 * gets the rest; else each gets half, and an odd token goes to the longer one, to the second where
 * both are equal. What makes two texts equal is that this version stops reading a text at the end
 * of the word with which it reaches the whole maximum, special tokens included. The lengths that
 * are compared are those of what was read.
 */
public final class PairTruncation {
  private PairTruncation() {}

  /**
   * The tokens kept of each text.
   *
   * @param room tokens for both
   */
  public static int[] longestFirst(int first, int second, int room) {
    if (first + second <= room) {
      return new int[] {first, second};
    }
    int shorter = Math.min(first, second);
    int kept = shorter <= room / 2 ? shorter : room / 2;
    return first > second ? new int[] {room - kept, kept} : new int[] {kept, room - kept};
  }

  /**
   * The tokens that are read of a text until the limit is reached.
   *
   * @param words the word of each token
   * @param added whether a token was found in the text as a whole, after which reading goes on
   * @param left whether it is read from its end
   */
  public static int read(int[] words, IntPredicate added, int limit, boolean left) {
    int tokens = words.length;
    int read = 0;
    while (read < tokens) {
      int first = read;
      int word = words[at(read, tokens, left)];
      while (read < tokens && words[at(read, tokens, left)] == word) {
        read++;
      }
      boolean whole = read - first == 1 && added.test(at(first, tokens, left));
      if (read >= limit && !whole) {
        break;
      }
    }
    return read;
  }

  private static int at(int index, int tokens, boolean left) {
    return left ? tokens - 1 - index : index;
  }
}
