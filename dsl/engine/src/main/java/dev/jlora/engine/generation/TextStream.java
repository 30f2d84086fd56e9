package dev.jlora.engine.generation;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * The text of one row during generation. Text is emitted as soon as it is final: not in the middle
 * of a character or of a run of byte tokens, whose text depends on all of them, and not if it may
 * be the start of a stop text. Only the newest tokens are decoded again, so that the cost per token
 * does not grow with the length.
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

  /** The first token to decode: one piece before {@link #read}, for the leading space. */
  private int window;

  private int read;
  private int handedOn;
  private boolean stopped;

  /**
   * @param prompt the preceding tokens: some tokenizers drop the leading space of a text, so the
   *     first token is decoded together with these
   * @param isBytePiece whether a token is a byte that is decoded together with its neighbours
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
   * Adds the next token.
   *
   * @return whether generation continues: false if a stop text was found
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

  /** Ends the text: emits what was held back, and returns the whole text. */
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

  /** The length of the longest suffix of the text that is a prefix of a stop text. */
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
