package dev.jlora.data.tokenizer;

import java.util.List;

/** A loaded tokenizer; used by one thread at a time. */
interface NativeTokenizer extends AutoCloseable {
  /**
   * The tokens of texts, without special ones and not cut.
   *
   * @throws TokenizerFailure if a text cannot be encoded
   */
  List<Tokens> encode(List<String> texts, Tokens.Detail detail);

  /**
   * The text of tokens, special ones left out.
   *
   * @throws TokenizerFailure if they cannot be decoded
   */
  String decode(int[] ids);

  @Override
  void close();
}
