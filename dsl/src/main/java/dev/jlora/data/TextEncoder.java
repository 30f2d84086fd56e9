package dev.jlora.data;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Turns text into token ids with a model's {@code tokenizer.json}: one text or a pair, cut to a
 * length, many at once in parallel. Works offline.
 *
 * <p>Owns a native tokenizer, freed by {@link #close()}. Thread-safe: one caller at a time.
 */
public final class TextEncoder implements AutoCloseable {
  private final TokenizersLibrary library;
  private final TokenizerFile file;
  private final TextOptions options;
  private final int maxLength;
  private final long handle;
  private boolean closed;

  private TextEncoder(TokenizerFile file, TextOptions options) {
    this.library = TokenizerLibrary.get();
    this.file = file;
    this.options = options;
    this.maxLength = Math.min(options.maxLength(), file.modelLimit().orElse(TextOptions.MODEL));
    try {
      this.handle = library.createTokenizerFromString(file.text());
    } catch (RuntimeException e) {
      throw new FormatException(
          file.path().toString(),
          "is not a tokenizer this version reads: " + e.getMessage() + ".",
          "Save it with a current version of Hugging Face's tokenizers.",
          e);
    }
    library.disablePadding(handle);
    limit();
  }

  private void limit() {
    if (options.cut() != TextOptions.Cut.NOTHING && maxLength < TextOptions.MODEL) {
      library.setTruncation(handle, maxLength, options.cut().name(), 0);
    } else {
      library.disableTruncation(handle);
    }
  }

  /** The tokenizer of a model's folder; never longer than what the model allows. */
  public static TextEncoder open(ModelFolder folder, TextOptions options) {
    return new TextEncoder(TokenizerFile.of(folder), options);
  }

  /** A lone {@code tokenizer.json}. */
  public static TextEncoder open(Path tokenizer, TextOptions options) {
    return new TextEncoder(TokenizerFile.of(tokenizer), options);
  }

  /** The most tokens a sequence has; {@link TextOptions#MODEL} where nothing limits it. */
  public int maxLength() {
    return maxLength;
  }

  /** The id of a token as it stands in the vocabulary. */
  public OptionalInt id(String token) {
    Integer id = file.ids().get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** How many ids there are: one more than the highest. */
  public int vocabularySize() {
    return 1 + file.ids().values().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }

  /** The id that pads; 0 where the tokenizer names none, since padding is masked anyway. */
  public int padId() {
    return file.role("pad_token", "[PAD]").orElse(0);
  }

  /** The id that stands for a hidden token. */
  public OptionalInt maskId() {
    return file.role("mask_token", "[MASK]");
  }

  /** The id that ends a text of a decoder. */
  public OptionalInt endId() {
    return file.role("eos_token", "<|endoftext|>");
  }

  /** The ids of all special tokens, ascending. */
  public int[] specialIds() {
    return file.special().clone();
  }

  /** One text, for interactive use; {@link #encode(List, List)} is the fast way for many. */
  public Encoded encode(String text) {
    return encode(List.of(text), null, false, List.of("the text")).getFirst();
  }

  /** One pair of texts. */
  public Encoded encode(String first, String second) {
    return encode(List.of(first), List.of(second), false, List.of("the pair")).getFirst();
  }

  /**
   * Many texts.
   *
   * @param where the row of each, for errors
   * @throws FormatException naming the row, if one is too long and truncation is off
   */
  public List<Encoded> encode(List<String> texts, List<String> where) {
    return encode(texts, null, false, where);
  }

  /**
   * Many texts or pairs.
   *
   * @param second the second texts; null for single texts
   * @param details whether words and offsets are wanted, which takes several times as long
   */
  public synchronized List<Encoded> encode(
      List<String> first, @Nullable List<String> second, boolean details, List<String> where) {
    open();
    String[] firsts = first.toArray(String[]::new);
    String[] seconds = second == null ? null : second.toArray(String[]::new);
    long[] encodings =
        seconds == null
            ? library.batchEncode(handle, firsts, options.specialTokens())
            : library.batchEncodePair(handle, firsts, seconds, options.specialTokens());
    try {
      List<Encoded> all = new ArrayList<>(encodings.length);
      for (int i = 0; i < encodings.length; i++) {
        Details wanted = details ? new Details(firsts[i], seconds == null ? "" : seconds[i]) : null;
        all.add(read(encodings[i], seconds != null, wanted, where.get(i)));
      }
      return all;
    } finally {
      for (long encoding : encodings) {
        library.deleteEncoding(encoding);
      }
    }
  }

  /** The special tokens that this tokenizer puts in front of every text: Llama's {@code <s>}. */
  public int[] opening() {
    int[] bare = tokens(List.of("a"), /* specialTokens= */ false).getFirst();
    int[] whole = tokens(List.of("a"), /* specialTokens= */ true).getFirst();
    int start = 0;
    while (start + bare.length <= whole.length
        && !Arrays.equals(whole, start, start + bare.length, bare, 0, bare.length)) {
      start++;
    }
    return start + bare.length <= whole.length ? Arrays.copyOf(whole, start) : new int[0];
  }

  /**
   * All tokens of texts, however long: for a decoder, whose texts are cut after they are joined.
   *
   * @param specialTokens whether to add the model's
   */
  public synchronized List<int[]> tokens(List<String> texts, boolean specialTokens) {
    open();
    library.disableTruncation(handle);
    long[] encodings = new long[0];
    try {
      encodings = library.batchEncode(handle, texts.toArray(String[]::new), specialTokens);
      List<int[]> all = new ArrayList<>(encodings.length);
      for (long encoding : encodings) {
        all.add(ints(library.getTokenIds(encoding)));
      }
      return all;
    } finally {
      for (long encoding : encodings) {
        library.deleteEncoding(encoding);
      }
      limit();
    }
  }

  /** All tokens of texts, however long, with where they come from and without special ones. */
  public synchronized List<Encoded> whole(List<String> texts) {
    open();
    library.disableTruncation(handle);
    long[] encodings = new long[0];
    try {
      encodings = library.batchEncode(handle, texts.toArray(String[]::new), false);
      List<Encoded> all = new ArrayList<>(encodings.length);
      for (int i = 0; i < encodings.length; i++) {
        int[] ids = ints(library.getTokenIds(encodings[i]));
        Encoded.Details details = new Details(texts.get(i), "").read(library, encodings[i]);
        all.add(new Encoded(ids, null, details));
      }
      return all;
    } finally {
      for (long encoding : encodings) {
        library.deleteEncoding(encoding);
      }
      limit();
    }
  }

  private Encoded read(long encoding, boolean pair, @Nullable Details details, String where) {
    int[] ids = ints(library.getTokenIds(encoding));
    if (ids.length > maxLength) {
      throw tooLong(ids.length, where);
    }
    int[] types = pair ? ints(library.getTypeIds(encoding)) : null;
    boolean typed = types != null && Arrays.stream(types).anyMatch(type -> type != 0);
    return new Encoded(
        ids, typed ? types : null, details == null ? null : details.read(library, encoding));
  }

  /**
   * For a task that cuts by itself.
   *
   * @throws FormatException naming the row, if so many tokens are too long and truncation is off
   */
  public void requireShort(int tokens, String where) {
    if (tokens > maxLength && options.cut() == TextOptions.Cut.NOTHING) {
      throw tooLong(tokens, where);
    }
  }

  private FormatException tooLong(int tokens, String where) {
    if (options.cut()
        != TextOptions.Cut
            .NOTHING) { // the library cuts nothing where the special tokens do not fit
      return new FormatException(
          where,
          "cannot be cut to %,d tokens, which leaves no room beside the special ones."
              .formatted(maxLength),
          "Raise the maximum length.");
    }
    return new FormatException(
        where,
        "has %,d tokens, more than the %,d that %s."
            .formatted(
                tokens,
                maxLength,
                maxLength < options.maxLength() ? "the model allows" : "are the maximum set"),
        "Turn truncation on, or split the text.");
  }

  /** The text of {@code ids}, special tokens left out. */
  public synchronized String decode(int[] ids) {
    open();
    return library.decode(handle, Arrays.stream(ids).asLongStream().toArray(), true);
  }

  private void open() {
    if (closed) {
      throw new IllegalStateException("the tokenizer of " + file.path() + " is closed");
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      library.deleteTokenizer(handle);
    }
  }

  private static int[] ints(long[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  /** Reads where tokens come from; the library counts code points, Java counts chars. */
  private record Details(String first, String second) {
    Encoded.Details read(TokenizersLibrary library, long encoding) {
      int[] sequences = ints(library.getSequenceIds(encoding));
      CharSpan[] spans = library.getTokenCharSpans(encoding);
      int[] starts = new int[sequences.length];
      int[] ends = new int[sequences.length];
      for (int i = 0; i < sequences.length; i++) {
        CharSpan span = spans[i];
        boolean special = span == null || sequences[i] < 0;
        String text = sequences[i] == 1 ? second : first;
        starts[i] = special ? Encoded.NONE : text.offsetByCodePoints(0, span.getStart());
        ends[i] = special ? Encoded.NONE : text.offsetByCodePoints(0, span.getEnd());
      }
      return new Encoded.Details(ints(library.getWordIds(encoding)), sequences, starts, ends);
    }
  }
}
