package dev.jlora.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32;

/** Detects damage that ImageIO's readers ignore without a warning. */
final class ImageIntegrity {
  private static final long PNG = 0x89504E470D0A1A0AL;

  /** Chunks that pixels depend on, besides their data, which has a checksum of its own. */
  private static final Set<String> CHECKED = Set.of("IHDR", "PLTE");

  private static final int ANIMATED = 2;

  private ImageIntegrity() {}

  /**
   * @throws IOException with the problem of the file
   */
  static void require(byte[] bytes) throws IOException {
    requireWebp(bytes);
    requirePng(bytes);
    String gif = GifPixels.problem(bytes);
    if (gif != null) {
      throw new IOException("truncated or damaged: " + gif);
    }
  }

  /** Whether the bytes begin as a WebP does. */
  static boolean isWebp(byte[] bytes) {
    if (bytes.length < 12) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return header.getInt(0) == 0x46464952 && header.getInt(8) == 0x50424557;
  }

  /** The reader fills in what a truncated file lacks; the container contains the correct length. */
  private static void requireWebp(byte[] bytes) throws IOException {
    if (!isWebp(bytes)) {
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long expected = 8 + (header.getInt(4) & 0xffffffffL);
    if (expected > bytes.length) {
      throw new IOException("truncated: %,d bytes, expected %,d".formatted(bytes.length, expected));
    }
    boolean extended = bytes.length > 20 && header.getInt(12) == 0x58385056;
    if (extended && (bytes[20] & ANIMATED) != 0) {
      throw new IOException("an animated WebP, which is not supported; save its first frame only");
    }
  }

  /** A flipped bit in the palette changes the picture. */
  private static void requirePng(byte[] bytes) throws IOException {
    ByteBuffer png = ByteBuffer.wrap(bytes);
    if (bytes.length < 8 || png.getLong(0) != PNG) {
      return;
    }
    long at = 8;
    while (at + 12 <= bytes.length) {
      int start = (int) at;
      long end = at + 12 + (png.getInt(start) & 0xffffffffL);
      String type = new String(bytes, start + 4, 4, StandardCharsets.ISO_8859_1);
      if (end > bytes.length) {
        return; // the reader tells
      }
      if (CHECKED.contains(type)) {
        CRC32 sum = new CRC32();
        sum.update(bytes, start + 4, (int) end - start - 8);
        if ((int) sum.getValue() != png.getInt((int) end - 4)) {
          throw new IOException("damaged: the checksum of its chunk %s is wrong".formatted(type));
        }
      }
      at = end;
    }
  }
}
