package dev.jlora.data;

import dev.jlora.data.tokenizer.LoadedTokenizer;
import dev.jlora.data.tokenizer.Template;
import dev.jlora.data.tokenizer.TokenizerFailure;
import dev.jlora.data.tokenizer.TokenizerFile;
import dev.jlora.data.tokenizer.Tokens;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Encodes text as token ids with a model's {@code tokenizer.json} and {@code
 * tokenizer_config.json}: single texts or pairs, truncated to a length, many at once in parallel.
 * Works offline.
 *
 * <p>Owns a native tokenizer, freed by {@link #close()}. Thread-safe; calls are serialized. No file
 * and no text can end the process; see {@code docs/decisions/0093}.
 */
public final class TextEncoder implements AutoCloseable {
  /** Chars; longer than any book, and the library takes minutes for it. */
  private static final int LONGEST_TEXT = 8_000_000;

  private final TokenizerFile file;
  private final TextOptions options;
  private final int maxLength;
  private final LoadedTokenizer library;
  private final Optional<String> chatTemplate;
  private boolean closed;

  private TextEncoder(
      TokenizerFile file, TextOptions options, OptionalInt limit, Optional<String> chatTemplate) {
    this.file = file;
    this.options = options;
    this.chatTemplate = chatTemplate;
    this.maxLength = Math.min(options.maxLength(), limit.orElse(TextOptions.MODEL));
    this.library = LoadedTokenizer.of(file);
  }

  /** The tokenizer of a model folder, limited to the maximum length in its files. */
  public static TextEncoder open(ModelFolder folder, TextOptions options) {
    return new TextEncoder(
        TokenizerFile.of(folder), options, folder.maxLength(), folder.chatTemplate());
  }

  /**
   * The tokenizer of a model folder.
   *
   * @param positions maximum sequence length of the model's architecture; 0 for no limit
   */
  public static TextEncoder open(ModelFolder folder, TextOptions options, long positions) {
    int tokenizer = folder.tokenizerLimit().orElse(TextOptions.MODEL);
    OptionalInt limit =
        positions > 0 ? OptionalInt.of((int) Math.min(positions, tokenizer)) : folder.maxLength();
    return new TextEncoder(TokenizerFile.of(folder), options, limit, folder.chatTemplate());
  }

  /** A {@code tokenizer.json} without a model folder. */
  public static TextEncoder open(Path tokenizer, TextOptions options) {
    return new TextEncoder(
        TokenizerFile.of(tokenizer), options, OptionalInt.empty(), Optional.empty());
  }

  /** Maximum number of tokens of a sequence; {@link TextOptions#MODEL} for no limit. */
  public int maxLength() {
    return maxLength;
  }

  /** The id of a token of the vocabulary. */
  public OptionalInt id(String token) {
    Integer id = file.ids().get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Number of ids: one more than the highest. */
  public int vocabularySize() {
    return 1 + file.ids().values().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }

  /** The padding token; 0 if the tokenizer has none, since padding is masked anyway. */
  public int padId() {
    return file.role("pad_token", "[PAD]").orElse(0);
  }

  /** The mask token. */
  public OptionalInt maskId() {
    return file.role("mask_token", "[MASK]");
  }

  /** The token that ends a decoder's text. */
  public OptionalInt endId() {
    return file.role("eos_token", "<|endoftext|>");
  }

  /** The ids of all special tokens, ascending. */
  public int[] specialIds() {
    return file.special().clone();
  }

  /** The text of {@link #endId()}, if it is recognized in a text as one token. */
  public Optional<String> endText() {
    OptionalInt end = endId();
    return end.isEmpty() || !file.added().contains(end.getAsInt())
        ? Optional.empty()
        : file.ids().entrySet().stream()
            .filter(entry -> entry.getValue() == end.getAsInt())
            .map(entry -> entry.getKey())
            .findFirst();
  }

  /** The file with the model's chat template, if there is one. */
  public Optional<String> chatTemplate() {
    return chatTemplate;
  }

  /** Whether conversations are written with jlora's own markers despite a chat template. */
  public boolean plainChat() {
    return options.plainChat();
  }

  /**
   * Whether a token is a single byte, decoded together with its neighbours: the text of such a run
   * is known only at its end.
   */
  public boolean isBytePiece(int id) {
    return file.bytePieces().contains(id);
  }

  /** Number of special tokens added to a text, or to a pair. */
  public int specialTokens(boolean pair) {
    return options.specialTokens() ? file.template().added(pair) : 0;
  }

  /** Encodes one text, for interactive use; {@link #encode(List, List)} is faster for many. */
  public Encoded encode(String text) {
    return encode(List.of(text), null, false, List.of("the text")).getFirst();
  }

  /** Encodes one pair of texts. */
  public Encoded encode(String first, String second) {
    return encode(List.of(first), List.of(second), false, List.of("the pair")).getFirst();
  }

  /**
   * Encodes many texts.
   *
   * @param where the location of each row, for errors
   * @throws FormatException naming the row, if one is too long and truncation is off
   */
  public List<Encoded> encode(List<String> texts, List<String> where) {
    return encode(texts, null, false, where);
  }

  /**
   * Encodes many texts or pairs.
   *
   * @param second the second texts; null for single texts
   * @param details whether to return words and offsets, which takes several times as long
   * @throws FormatException naming the row, if one is too long and truncation is off, or its first
   *     text leaves no room for the second and must not be truncated
   */
  public synchronized List<Encoded> encode(
      List<String> first, @Nullable List<String> second, boolean details, List<String> where) {
    boolean two = second != null;
    List<String> texts = two ? Stream.concat(first.stream(), second.stream()).toList() : first;
    List<Tokens> tokens =
        tokens(
            texts,
            details ? Tokens.Detail.SPANS : two ? Tokens.Detail.WORDS : Tokens.Detail.IDS,
            where);
    List<Encoded> all = new ArrayList<>(first.size());
    for (int i = 0; i < first.size(); i++) {
      List<Tokens> row =
          two ? List.of(tokens.get(i), tokens.get(first.size() + i)) : List.of(tokens.get(i));
      List<String> rowTexts = two ? List.of(first.get(i), second.get(i)) : List.of(first.get(i));
      all.add(encoded(row, details ? rowTexts : null, where.get(i)));
    }
    return all;
  }

  private Encoded encoded(List<Tokens> texts, @Nullable List<String> details, String where) {
    boolean two = texts.size() == 2;
    int[] kept =
        new Truncation(file, options.cut(), maxLength, specialTokens(two)).of(texts, where);
    var sequence = new Sequence(file.cutsLeft(), kept, texts, details);
    for (Template.Piece piece : file.template().pieces(two, options.specialTokens())) {
      sequence.add(piece);
    }
    Encoded encoded = sequence.encoded(two);
    if (encoded.length() > maxLength) {
      throw Truncation.tooLong(encoded.length(), maxLength, options, where);
    }
    return encoded;
  }

  /** The library's tokens; errors name the row of the text. */
  private List<Tokens> tokens(List<String> texts, Tokens.Detail detail, List<String> where) {
    open();
    for (int i = 0; i < texts.size(); i++) {
      if (texts.get(i).length() > LONGEST_TEXT) {
        throw new FormatException(
            where.isEmpty() ? file.path().toString() : where.get(i % where.size()),
            "has %,d characters, more than the %,d that a text may have."
                .formatted(texts.get(i).length(), LONGEST_TEXT),
            "Split it into several rows.");
      }
    }
    try {
      return library.encode(texts, detail);
    } catch (TokenizerFailure e) {
      int row = where.isEmpty() ? 0 : e.text() % where.size();
      throw new FormatException(
          where.isEmpty() ? file.path().toString() : where.get(row),
          "cannot be encoded with %s: %s%s."
              .formatted(
                  file.path(), e.sentence(), file.risk().map(risk -> "; " + risk).orElse("")),
          "Correct the tokenizer.json or fetch it again; drop the row if it is about this text"
              + " alone.",
          e);
    }
  }

  /** The special tokens at the start of every text, such as Llama's {@code <s>}. */
  public int[] opening() {
    int[] opening = {};
    for (Template.Piece piece : file.template().single()) {
      if (!(piece instanceof Template.Special special)) {
        break;
      }
      int old = opening.length;
      opening = Arrays.copyOf(opening, old + special.ids().length);
      System.arraycopy(special.ids(), 0, opening, old, special.ids().length);
    }
    return opening;
  }

  /**
   * All tokens of texts, without truncation: for a decoder, whose texts are cut after they are
   * joined.
   *
   * @param specialTokens whether to add special tokens
   */
  public List<int[]> tokens(List<String> texts, boolean specialTokens) {
    return tokens(texts, List.of(), specialTokens);
  }

  /**
   * All tokens of texts, without truncation.
   *
   * @param where the location of each row, for errors
   * @param specialTokens whether to add special tokens
   */
  public synchronized List<int[]> tokens(
      List<String> texts, List<String> where, boolean specialTokens) {
    List<int[]> all = new ArrayList<>(texts.size());
    for (Tokens tokens : tokens(texts, Tokens.Detail.IDS, where)) {
      var sequence = new Sequence(false, new int[] {tokens.ids().length}, List.of(tokens), null);
      for (Template.Piece piece : file.template().pieces(false, specialTokens)) {
        sequence.add(piece);
      }
      all.add(sequence.encoded(false).ids());
    }
    return all;
  }

  /** All tokens of texts, without truncation and special tokens, with their origin. */
  public synchronized List<Encoded> whole(List<String> texts) {
    return whole(texts, List.of());
  }

  /**
   * All tokens of texts, without truncation and special tokens, with their origin.
   *
   * @param where the location of each row, for errors
   */
  public synchronized List<Encoded> whole(List<String> texts, List<String> where) {
    List<Tokens> tokens = tokens(texts, Tokens.Detail.SPANS, where);
    List<Encoded> all = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      Tokens one = tokens.get(i);
      var sequence =
          new Sequence(false, new int[] {one.ids().length}, List.of(one), List.of(texts.get(i)));
      sequence.add(new Template.Text(0, 0));
      all.add(sequence.encoded(false));
    }
    return all;
  }

  /**
   * Checks the length, for a task that truncates by itself.
   *
   * @throws FormatException naming the row, if it is too long and truncation is off
   */
  public void requireShort(int tokens, String where) {
    if (tokens > maxLength && options.cut() == TextOptions.Cut.NOTHING) {
      throw Truncation.tooLong(tokens, maxLength, options, where);
    }
  }

  /**
   * The text of {@code ids}, without special tokens.
   *
   * @throws FormatException naming the tokenizer's file, if it cannot decode them
   */
  public synchronized String decode(int[] ids) {
    open();
    try {
      return library.decode(ids);
    } catch (TokenizerFailure e) {
      throw new FormatException(
          file.path().toString(),
          "cannot decode tokens: %s%s."
              .formatted(e.sentence(), file.risk().map(risk -> "; " + risk).orElse("")),
          "Correct its decoder, or fetch it again.",
          e);
    }
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
      library.close();
    }
  }
}
