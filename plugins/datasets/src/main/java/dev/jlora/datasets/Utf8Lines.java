package dev.jlora.datasets;

import dev.jlora.io.FormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines of UTF-8 text with their numbers. Lines are split as bytes and decoded individually, so
 * that an invalid line is reported by its number.
 */
final class Utf8Lines implements AutoCloseable {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final SourceFile file;
  private final InputStream in;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int end;
  private long number;

  private Utf8Lines(SourceFile file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  static Utf8Lines open(SourceFile file) {
    try {
      return new Utf8Lines(file, file.open());
    } catch (IOException e) {
      throw file.unreadable(e, 1);
    }
  }

  /** The next line without its line break; null after the last. */
  @Nullable String next() {
    try {
      bytes.reset();
      if (at == end && !fill()) {
        return null;
      }
      number++;
      boolean ended = false;
      while (!ended) {
        int from = at;
        int all = 0;
        while (at < end && buffer[at] != '\n') {
          all |= buffer[at];
          at++;
        }
        if (at < end && bytes.size() == 0 && all >= 0) { // ASCII, whole: needs no decoder
          int to = at > from && buffer[at - 1] == '\r' ? at - 1 : at;
          at++;
          return new String(buffer, from, to - from, StandardCharsets.US_ASCII);
        }
        bytes.write(buffer, from, at - from);
        if (bytes.size() > SourceFile.LONGEST_LINE) {
          throw file.tooLong(number);
        }
        ended = at < end || !fill();
      }
      at = Math.min(at + 1, end); // past the line's end
      return decode();
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    } catch (IOException e) {
      throw file.unreadable(e, number);
    }
  }

  /** The number of the last line returned, from 1. */
  long number() {
    return number;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(buffer));
    return end > 0;
  }

  private String decode() throws CharacterCodingException {
    String line = decoder.decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    int from = number == 1 && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
    int to = line.endsWith("\r") ? line.length() - 1 : line.length();
    return line.substring(from, Math.max(from, to));
  }

  private FormatException notUtf8(CharacterCodingException e) {
    return new FormatException(
        file.at(number),
        "is not UTF-8 text.",
        "Convert the file, for example with: iconv -f latin1 -t utf-8.",
        e);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw file.unreadable(e, number);
    }
  }
}
