package dev.jlora.data;

import dev.jlora.data.tokenizer.Template;
import dev.jlora.data.tokenizer.Tokens;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Assembles a sequence from the kept tokens of one or two texts and the special tokens. */
final class Sequence {
  private final boolean fromEnd;
  private final int[] kept;
  private final List<Tokens> texts;
  private final @Nullable List<String> details;
  private int[] ids;
  private int[] types;
  private int[] words;
  private int[] sequences;
  private int[] starts;
  private int[] ends;
  private int length;

  /**
   * @param fromEnd whether the last tokens of a text are kept instead of the first
   * @param kept number of tokens of each text
   * @param details the texts, if the origin of tokens is requested
   */
  Sequence(boolean fromEnd, int[] kept, List<Tokens> texts, @Nullable List<String> details) {
    this.fromEnd = fromEnd;
    this.kept = kept;
    this.texts = texts;
    this.details = details;
    int capacity = Arrays.stream(kept).sum() + 8;
    this.ids = new int[capacity];
    this.types = new int[capacity];
    this.words = details == null ? ids : new int[capacity];
    this.sequences = details == null ? ids : new int[capacity];
    this.starts = details == null ? ids : new int[capacity];
    this.ends = details == null ? ids : new int[capacity];
  }

  void add(Template.Piece piece) {
    switch (piece) {
      case Template.Special special -> {
        for (int id : special.ids()) {
          int at = next(id, special.type());
          if (details != null) {
            words[at] = Encoded.NONE;
            sequences[at] = Encoded.NONE;
            starts[at] = Encoded.NONE;
            ends[at] = Encoded.NONE;
          }
        }
      }
      case Template.Text text -> add(text);
    }
  }

  private void add(Template.Text piece) {
    Tokens tokens = texts.get(piece.text());
    int count = kept[piece.text()];
    int from = fromEnd ? tokens.ids().length - count : 0;
    CodePoints chars = details == null ? null : new CodePoints(details.get(piece.text()));
    for (int i = from; i < from + count; i++) {
      int at = next(tokens.ids()[i], piece.type());
      if (chars != null) {
        words[at] = tokens.words()[i];
        sequences[at] = piece.text();
        starts[at] = chars.index(tokens.starts()[i]);
        ends[at] = Math.max(starts[at], chars.index(tokens.ends()[i]));
      }
    }
  }

  private int next(int id, int type) {
    if (length == ids.length) {
      int capacity = 2 * length;
      ids = Arrays.copyOf(ids, capacity);
      types = Arrays.copyOf(types, capacity);
      words = details == null ? ids : Arrays.copyOf(words, capacity);
      sequences = details == null ? ids : Arrays.copyOf(sequences, capacity);
      starts = details == null ? ids : Arrays.copyOf(starts, capacity);
      ends = details == null ? ids : Arrays.copyOf(ends, capacity);
    }
    ids[length] = id;
    types[length] = type;
    return length++;
  }

  /**
   * @param typed whether tokens have segments, as in pairs
   */
  Encoded encoded(boolean typed) {
    boolean types = typed && Arrays.stream(this.types, 0, length).anyMatch(type -> type != 0);
    return new Encoded(
        Arrays.copyOf(ids, length),
        types ? Arrays.copyOf(this.types, length) : null,
        details == null
            ? null
            : new Encoded.Details(
                Arrays.copyOf(words, length),
                Arrays.copyOf(sequences, length),
                Arrays.copyOf(starts, length),
                Arrays.copyOf(ends, length)));
  }

  /** Maps code points, which the library counts, to the chars of a text. */
  private static final class CodePoints {
    private final int @Nullable [] chars;
    private final int length;

    CodePoints(String text) {
      this.length = text.length();
      this.chars =
          text.chars().noneMatch(c -> Character.isSurrogate((char) c)) ? null : chars(text);
    }

    private static int[] chars(String text) {
      int[] chars = new int[text.codePointCount(0, text.length()) + 1];
      for (int point = 0, at = 0; at < text.length(); point++) {
        chars[point] = at;
        at += Character.charCount(text.codePointAt(at));
      }
      chars[chars.length - 1] = text.length();
      return chars;
    }

    int index(int point) {
      return chars == null
          ? Math.clamp(point, 0, length)
          : chars[Math.clamp(point, 0, chars.length - 1)];
    }
  }
}
