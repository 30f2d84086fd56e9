package dev.jlora.data.tokenizer;

/**
 * The tokens of one text, without special ones. Its arrays are not copied.
 *
 * @param ids one for each token
 * @param words the word that each token belongs to, counted from 0; empty unless asked for
 * @param starts where each token begins in the text, in code points; empty unless asked for
 * @param ends where it ends
 */
public record Tokens(int[] ids, int[] words, int[] starts, int[] ends) {

  /** How much is read of each text; more takes longer. */
  public enum Detail {
    IDS,
    WORDS,
    SPANS
  }

  static final int[] NONE = {};
}
