package dev.jlora.data;

import dev.jlora.data.tokenizer.PairTruncation;
import dev.jlora.data.tokenizer.TokenizerFile;
import dev.jlora.data.tokenizer.Tokens;
import dev.jlora.io.Amount;
import dev.jlora.io.FormatException;
import java.util.List;

/**
 * Truncation of one or two texts to a maximum length.
 *
 * @param maxLength of the whole sequence
 * @param special number of special tokens in it
 */
record Truncation(TokenizerFile file, TextOptions.Cut cut, int maxLength, int special) {

  /**
   * The number of tokens to keep of each text.
   *
   * @throws FormatException naming the row, if there is no room for a part that must not be
   *     truncated
   */
  int[] of(List<Tokens> texts, String where) {
    int[] lengths = texts.stream().mapToInt(text -> text.ids().length).toArray();
    long all = (long) special + lengths[0] + (lengths.length > 1 ? lengths[1] : 0);
    if (all <= maxLength || cut == TextOptions.Cut.NOTHING) {
      return lengths;
    }
    int room = maxLength - special;
    if (room < 0) {
      throw new FormatException(
          where,
          "cannot be cut to %s, which leaves no room beside the special ones."
              .formatted(Amount.of(maxLength, "token")),
          "Raise the maximum length.");
    }
    if (lengths.length == 1) {
      return new int[] {room};
    }
    if (cut == TextOptions.Cut.ONLY_SECOND) {
      if (lengths[0] >= room) {
        throw new FormatException(
            where,
            "has a question (first text) of %s, which leaves no room for its context in %s, %,d of them special."
                .formatted(Amount.of(lengths[0], "token"), Amount.of(maxLength, "token"), special),
            "Shorten the question, drop the row, or raise data.max_length where the model allows"
                + " more.");
      }
      return new int[] {lengths[0], room - lengths[0]};
    }
    return PairTruncation.longestFirst(read(texts.get(0)), read(texts.get(1)), room);
  }

  private int read(Tokens text) {
    return PairTruncation.read(
        text.words(),
        token -> file.added().contains(text.ids()[token]),
        maxLength,
        file.cutsLeft());
  }

  static FormatException tooLong(int tokens, int maxLength, TextOptions options, String where) {
    return new FormatException(
        where,
        "has %s, more than the %,d that %s."
            .formatted(
                Amount.of(tokens, "token"),
                maxLength,
                maxLength < options.maxLength() ? "the model allows" : "the job allows"),
        "Turn truncation on, or split the text.");
  }
}
