package dev.jlora.data.tokenizer;

import java.util.List;

/** A loaded tokenizer. Not thread-safe. */
interface NativeTokenizer extends AutoCloseable {
  /**
   * The tokens of texts, without special tokens and truncation.
   *
   * @throws TokenizerFailure if a text cannot be encoded
   */
  List<Tokens> encode(List<String> texts, Tokens.Detail detail);

  /**
   * The text of tokens, without special tokens.
   *
   * @throws TokenizerFailure if they cannot be decoded
   */
  String decode(int[] ids);

  @Override
  void close();
}
