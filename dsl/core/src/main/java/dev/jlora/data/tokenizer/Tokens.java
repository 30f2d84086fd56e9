package dev.jlora.data.tokenizer;

/**
 * The tokens of one text, without special tokens. Its arrays are not copied.
 *
 * @param ids one for each token
 * @param words the index of each token's word, from 0; empty unless requested
 * @param starts the start of each token in the text, in code points; empty unless requested
 * @param ends the end of each token
 */
public record Tokens(int[] ids, int[] words, int[] starts, int[] ends) {

  /** Amount of data per text; more takes longer. */
  public enum Detail {
    IDS,
    WORDS,
    SPANS
  }

  static final int[] NONE = {};
}
