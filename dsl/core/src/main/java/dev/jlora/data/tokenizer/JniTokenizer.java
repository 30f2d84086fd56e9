package dev.jlora.data.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer in this process, called through the library's JNI methods. An unhandled Rust error is
 * a panic, which ends the process; callers must make sure that none occurs.
 */
final class JniTokenizer implements NativeTokenizer {
  /** Maximum number of chars per call: the library needs some hundred bytes for each. */
  private static final int BATCH = 4_000_000;

  private final TokenizersLibrary library;
  private final boolean oneByOne;
  private final long handle;

  /**
   * @param json a tokenizer without truncation and padding
   * @param oneByOne encode texts individually, with a method that returns errors where the batch
   *     method panics
   * @throws RuntimeException with the library's message, if it rejects the tokenizer
   */
  JniTokenizer(TokenizersLibrary library, String json, boolean oneByOne) {
    this.library = library;
    this.oneByOne = oneByOne;
    this.handle = library.createTokenizerFromString(json);
  }

  @Override
  public List<Tokens> encode(List<String> texts, Tokens.Detail detail) {
    List<Tokens> all = new ArrayList<>(texts.size());
    for (int from = 0; from < texts.size(); ) {
      int to = from;
      for (long chars = 0; to < texts.size(); to++) {
        chars += texts.get(to).length();
        if (to > from && chars > BATCH) {
          break;
        }
      }
      encode(texts.subList(from, to), detail, from, all);
      from = to;
    }
    return all;
  }

  private void encode(List<String> texts, Tokens.Detail detail, int index, List<Tokens> into) {
    String[] clean = texts.stream().map(JniTokenizer::wellFormed).toArray(String[]::new);
    long[] encodings = oneByOne ? single(clean, index) : library.batchEncode(handle, clean, false);
    try {
      for (long encoding : encodings) {
        into.add(read(encoding, detail));
      }
    } finally {
      delete(encodings);
    }
  }

  private long[] single(String[] texts, int index) {
    long[] encodings = new long[texts.length];
    for (int i = 0; i < texts.length; i++) {
      try {
        encodings[i] = library.encode(handle, texts[i], false);
      } catch (RuntimeException e) {
        delete(Arrays.copyOf(encodings, i));
        throw TokenizerFailure.said(index + i, String.valueOf(e.getMessage()));
      }
    }
    return encodings;
  }

  private void delete(long[] encodings) {
    for (long encoding : encodings) {
      library.deleteEncoding(encoding);
    }
  }

  private Tokens read(long encoding, Tokens.Detail detail) {
    int[] ids = ints(library.getTokenIds(encoding));
    if (detail == Tokens.Detail.IDS) {
      return new Tokens(ids, Tokens.NONE, Tokens.NONE, Tokens.NONE);
    }
    int[] words = Arrays.copyOf(ints(library.getWordIds(encoding)), ids.length);
    if (detail == Tokens.Detail.WORDS) {
      return new Tokens(ids, words, Tokens.NONE, Tokens.NONE);
    }
    @Nullable CharSpan[] spans = library.getTokenCharSpans(encoding);
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < Math.min(ids.length, spans.length); i++) {
      CharSpan span = spans[i];
      starts[i] = span == null ? 0 : span.getStart();
      ends[i] = span == null ? 0 : span.getEnd();
    }
    return new Tokens(ids, words, starts, ends);
  }

  @Override
  public String decode(int[] ids) {
    return library.decode(handle, Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    library.deleteTokenizer(handle);
  }

  /** Replaces unpaired surrogates, which are not text, by U+FFFD. */
  static String wellFormed(String text) {
    char[] chars = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      chars = chars == null ? text.toCharArray() : chars;
      chars[i] = '\uFFFD';
    }
    return chars == null ? text : new String(chars);
  }

  private static int[] ints(long[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }
}
