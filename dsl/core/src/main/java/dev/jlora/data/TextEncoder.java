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
 * Turns text into token ids with a model's {@code tokenizer.json}, as its {@code
 * tokenizer_config.json} says: one text or a pair, cut to a length, many at once in parallel. Works
 * offline.
 *
 * <p>Owns a native tokenizer, freed by {@link #close()}. Thread-safe: one caller at a time. No file
 * and no text ends the process; see {@code docs/decisions/0093}.
 */
public final class TextEncoder implements AutoCloseable {
  /** Chars; no book has as many, and the library takes minutes for them. */
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

  /** The tokenizer of a model's folder; never longer than what its files allow. */
  public static TextEncoder open(ModelFolder folder, TextOptions options) {
    return new TextEncoder(
        TokenizerFile.of(folder), options, folder.maxLength(), folder.chatTemplate());
  }

  /**
   * The tokenizer of a model's folder.
   *
   * @param positions the longest sequence that the model's architecture takes; 0 where it sets no
   *     limit
   */
  public static TextEncoder open(ModelFolder folder, TextOptions options, long positions) {
    int tokenizer = folder.tokenizerLimit().orElse(TextOptions.MODEL);
    OptionalInt limit =
        positions > 0 ? OptionalInt.of((int) Math.min(positions, tokenizer)) : folder.maxLength();
    return new TextEncoder(TokenizerFile.of(folder), options, limit, folder.chatTemplate());
  }

  /** A lone {@code tokenizer.json}. */
  public static TextEncoder open(Path tokenizer, TextOptions options) {
    return new TextEncoder(
        TokenizerFile.of(tokenizer), options, OptionalInt.empty(), Optional.empty());
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

  /** The token of {@link #endId()} as text, if it is found in a text as a whole. */
  public Optional<String> endText() {
    OptionalInt end = endId();
    return end.isEmpty() || !file.added().contains(end.getAsInt())
        ? Optional.empty()
        : file.ids().entrySet().stream()
            .filter(entry -> entry.getValue() == end.getAsInt())
            .map(entry -> entry.getKey())
            .findFirst();
  }

  /** The file with the model's own format of conversations, if it has one. */
  public Optional<String> chatTemplate() {
    return chatTemplate;
  }

  /** Whether conversations are written in jlora's own markers even so. */
  public boolean plainChat() {
    return options.plainChat();
  }

  /**
   * Whether a token stands for one byte, decoded together with those beside it: the text of such a
   * run is certain only at its end.
   */
  public boolean isBytePiece(int id) {
    return file.bytePieces().contains(id);
  }

  /** How many special tokens are added to a text, or to a pair. */
  public int specialTokens(boolean pair) {
    return options.specialTokens() ? file.template().added(pair) : 0;
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
   * @throws FormatException naming the row, if one is too long and truncation is off, or its first
   *     text leaves no room for the second where only that one is cut
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
    int[] kept = new Cutting(file, options.cut(), maxLength, specialTokens(two)).of(texts, where);
    var sequence = new Sequence(file.cutsLeft(), kept, texts, details);
    for (Template.Piece piece : file.template().pieces(two, options.specialTokens())) {
      sequence.add(piece);
    }
    Encoded encoded = sequence.encoded(two);
    if (encoded.length() > maxLength) {
      throw Cutting.tooLong(encoded.length(), maxLength, options, where);
    }
    return encoded;
  }

  /** Tokens of the library; a text that it cannot encode is named by its row. */
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
          "cannot be encoded with %s: the tokenizer library %s%s."
              .formatted(
                  file.path(),
                  String.valueOf(e.getMessage()).startsWith("ended")
                      ? e.getMessage()
                      : "says '" + e.getMessage() + "'",
                  file.doubt().map(doubt -> "; " + doubt).orElse("")),
          "Correct the tokenizer.json or fetch it again; drop the row if it is about this text"
              + " alone.",
          e);
    }
  }

  /** The special tokens that this tokenizer puts in front of every text: Llama's {@code <s>}. */
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
   * All tokens of texts, however long: for a decoder, whose texts are cut after they are joined.
   *
   * @param specialTokens whether to add the model's
   */
  public List<int[]> tokens(List<String> texts, boolean specialTokens) {
    return tokens(texts, List.of(), specialTokens);
  }

  /**
   * All tokens of texts, however long.
   *
   * @param where the row of each, for errors
   * @param specialTokens whether to add the model's
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

  /** All tokens of texts, however long, with where they come from and without special ones. */
  public synchronized List<Encoded> whole(List<String> texts) {
    return whole(texts, List.of());
  }

  /**
   * All tokens of texts, however long, with where they come from and without special ones.
   *
   * @param where the row of each, for errors
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
   * For a task that cuts by itself.
   *
   * @throws FormatException naming the row, if so many tokens are too long and truncation is off
   */
  public void requireShort(int tokens, String where) {
    if (tokens > maxLength && options.cut() == TextOptions.Cut.NOTHING) {
      throw Cutting.tooLong(tokens, maxLength, options, where);
    }
  }

  /**
   * The text of {@code ids}, special tokens left out.
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
          "cannot decode tokens: the tokenizer library %s%s."
              .formatted(e.getMessage(), file.doubt().map(doubt -> "; " + doubt).orElse("")),
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
