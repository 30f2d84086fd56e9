package dev.jlora.engine.generation;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * The text of one row while its tokens come. Text is handed on as soon as it is certain: not in the
 * middle of a character or of a run of byte tokens, whose text depends on all of them, and not
 * where a stop text may be about to come. Only the newest tokens are decoded again, so that a long
 * answer costs no more for each token than a short one.
 */
final class TextStream {
  private static final char REPLACEMENT = '\uFFFD';

  private final Function<int[], String> decoder;
  private final IntPredicate isBytePiece;
  private final List<String> stops;
  private final Consumer<String> listener;
  private final StringBuilder text = new StringBuilder();
  private int[] ids = new int[64];
  private int count;

  /** The first token that is decoded: one piece before {@link #read}, for the space in front. */
  private int window;

  private int read;
  private int handedOn;
  private boolean stopped;

  /**
   * @param prompt the tokens that the text goes on from: some tokenizers drop the space in front of
   *     a text, so the first token is decoded behind these
   * @param isBytePiece whether a token is one of those that are decoded together with its neighbors
   */
  TextStream(
      int[] prompt,
      Function<int[], String> decoder,
      IntPredicate isBytePiece,
      List<String> stops,
      Consumer<String> listener) {
    this.decoder = decoder;
    this.isBytePiece = isBytePiece;
    this.stops = stops;
    this.listener = listener;
    for (int id : prompt) {
      put(id);
    }
    read = count;
    if (count > 0 && isBytePiece.test(ids[count - 1])) {
      window = count; // the bytes of an answer are not decoded with those of its prompt
    }
  }

  private void put(int id) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, count * 2);
    }
    ids[count++] = id;
  }

  /**
   * Takes the next token.
   *
   * @return whether the text goes on: false if a stop text was found
   */
  boolean add(int id) {
    put(id);
    if (isBytePiece.test(id)) {
      return true;
    }
    String before = decoder.apply(Arrays.copyOfRange(ids, window, read));
    String now = decoder.apply(Arrays.copyOfRange(ids, window, count));
    if (now.length() > before.length() && now.charAt(now.length() - 1) != REPLACEMENT) {
      text.append(now, before.length(), now.length());
      window = read;
      read = count;
      stopped = cutAtStop();
      handOn(stopped ? text.length() : text.length() - mayBecomeStop());
    }
    return !stopped;
  }

  /** No more tokens come: hands on what was held back, and gives the whole text. */
  String finish() {
    if (!stopped && read < count) {
      String before = decoder.apply(Arrays.copyOfRange(ids, window, read));
      String now = decoder.apply(Arrays.copyOfRange(ids, window, count));
      text.append(now, Math.min(before.length(), now.length()), now.length());
      read = count;
    }
    handOn(text.length());
    return text.toString();
  }

  boolean stopped() {
    return stopped;
  }

  private boolean cutAtStop() {
    int first = -1;
    for (String stop : stops) {
      int at = text.indexOf(stop, Math.max(0, handedOn - stop.length()));
      first = at >= 0 && (first < 0 || at < first) ? at : first;
    }
    if (first >= 0) {
      text.setLength(first);
    }
    return first >= 0;
  }

  /** The length of the longest end of the text that a stop text starts with. */
  private int mayBecomeStop() {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
        if (text.substring(text.length() - length).equals(stop.substring(0, length))) {
          longest = length;
        }
      }
    }
    return longest;
  }

  private void handOn(int end) {
    if (end > handedOn) {
      listener.accept(text.substring(handedOn, end));
      handedOn = end;
    }
  }
}
