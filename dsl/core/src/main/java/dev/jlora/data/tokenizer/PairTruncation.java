package dev.jlora.data.tokenizer;

import java.util.function.IntPredicate;

/**
 * Truncation of a pair to a common maximum length, the longer text first.
 *
 * <p>This is the rule of tokenizers 0.23: if the shorter text fits into half of the room, the other
 * gets the rest; otherwise each gets half, and an odd token goes to the longer one, or to the
 * second if both are equally long. This version stops reading a text at the end of the word with
 * which it reaches the maximum length, including special tokens; the compared lengths are those of
 * the tokens read, so two long texts may count as equally long.
 */
public final class PairTruncation {
  private PairTruncation() {}

  /**
   * The number of tokens to keep of each text.
   *
   * @param room number of tokens for both
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
   * The number of tokens that are read of a text until the limit is reached.
   *
   * @param words the word of each token
   * @param added whether a token is an added token, after which reading continues
   * @param left whether the text is read from its end
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
