package dev.jlora.data.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts the pixels encoded in the first frame of a GIF: if its data end early or contain an
 * invalid code, ImageIO's reader fills in the rest without a warning.
 */
final class GifPixels {
  private static final int MOST_CODES = 4096;
  private static final int SCREEN = 13;
  private static final int DESCRIPTOR = 10;

  private final byte[] bytes;
  private int at;

  /** Bytes left in the current data block. */
  private int left;

  private long bits;
  private int bitCount;

  private GifPixels(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The problem of the first frame; null if there is none, or if this is not a GIF. */
  static @Nullable String problem(byte[] bytes) {
    boolean gif = bytes.length > SCREEN && bytes[0] == 'G' && bytes[1] == 'I' && bytes[2] == 'F';
    return gif ? new GifPixels(bytes).problem() : null;
  }

  private @Nullable String problem() {
    at = SCREEN + palette(bytes[10]);
    while (at < bytes.length && bytes[at] != ',') {
      if (bytes[at] != '!') {
        return null; // no picture at all, which the reader tells
      }
      at += 2;
      while (at < bytes.length && bytes[at] != 0) {
        at += 1 + (bytes[at] & 0xff);
      }
      at++;
    }
    if (at + DESCRIPTOR >= bytes.length) {
      return null;
    }
    long pixels = (long) number(at + 5) * number(at + 7);
    at += DESCRIPTOR + palette(bytes[at + 9]);
    if (at >= bytes.length) {
      return null;
    }
    int size = bytes[at++] & 0xff;
    return size < 1 || size > 11 ? "invalid code size: " + size : problem(size, pixels);
  }

  private @Nullable String problem(int size, long pixels) {
    int clear = 1 << size;
    int[] lengths = new int[MOST_CODES];
    Arrays.fill(lengths, 0, clear, 1);
    int next = clear + 2;
    int width = size + 1;
    int before = -1;
    for (long count = 0; count < pixels; ) {
      int code = code(width);
      if (code < 0 || code == clear + 1) {
        return "its data end after %,d of %,d pixels".formatted(count, pixels);
      }
      if (code == clear) {
        next = clear + 2;
        width = size + 1;
        before = -1;
        continue;
      }
      if (code > next || code == next && (before < 0 || next == MOST_CODES) || code == clear) {
        return "an invalid code after %,d of %,d pixels".formatted(count, pixels);
      }
      if (before >= 0 && next < MOST_CODES) {
        lengths[next++] = lengths[before] + 1;
        width += next == 1 << width && width < 12 ? 1 : 0;
      }
      count += lengths[code];
      before = code;
    }
    return null;
  }

  /** The next code, or -1 at the end. */
  private int code(int width) {
    while (bitCount < width) {
      if (left == 0) {
        left = at < bytes.length ? bytes[at++] & 0xff : 0;
        if (left == 0) {
          return -1;
        }
      }
      if (at >= bytes.length) {
        return -1;
      }
      bits |= (bytes[at++] & 0xffL) << bitCount;
      bitCount += 8;
      left--;
    }
    int code = (int) bits & ((1 << width) - 1);
    bits >>>= width;
    bitCount -= width;
    return code;
  }

  private int number(int place) {
    return (bytes[place] & 0xff) | (bytes[place + 1] & 0xff) << 8;
  }

  private static int palette(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }
}
