package dev.jlora.data.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * The character map of a SentencePiece model: a double array that a text's bytes walk through, and
 * the replacements that its leaves point to. The library trusts it; this class verifies every
 * transition that any text can take.
 */
final class CharsMap {
  private CharsMap() {}

  /** Whether no text can leave the array or refer to bytes outside of the replacements. */
  static boolean isSound(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
      return false; // Java reads what the library does not: no padding, bits that are left over
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 8) {
      return false;
    }
    long size = Integer.toUnsignedLong(buffer.getInt());
    if (size < 4 || size % 4 != 0 || size > buffer.remaining()) {
      return false;
    }
    int[] units = new int[(int) (size / 4)];
    for (int i = 0; i < units.length; i++) {
      units[i] = buffer.getInt();
    }
    byte[] replacements = new byte[buffer.remaining()];
    buffer.get(replacements);
    return isText(replacements) && walk(units, replacements);
  }

  private static boolean isText(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Visits every position reachable from the root, by every byte. */
  private static boolean walk(int[] units, byte[] replacements) {
    var seen = new BitSet(units.length);
    var open = new ArrayDeque<Integer>();
    open.add(offset(units[0]));
    while (!open.isEmpty()) {
      int node = open.remove();
      if (node < 0 || node >= units.length) {
        return false;
      }
      if (seen.get(node)) {
        continue;
      }
      seen.set(node);
      for (int label = 1; label < 256; label++) {
        int place = node ^ label;
        if (place >= units.length) {
          return false;
        }
        int unit = units[place];
        if ((unit & (1 << 31 | 0xff)) != label) {
          continue;
        }
        int next = place ^ offset(unit);
        if (next < 0 || next >= units.length) {
          return false;
        }
        boolean leaf = (unit >>> 8 & 1) == 1;
        if (leaf && !pointsAtText(units[next] & ~(1 << 31), replacements)) {
          return false;
        }
        open.add(next);
      }
    }
    return true;
  }

  private static boolean pointsAtText(int value, byte[] replacements) {
    boolean inside = value >= 0 && value < replacements.length;
    return inside && (replacements[value] & 0xc0) != 0x80; // not in the middle of a character
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }
}
