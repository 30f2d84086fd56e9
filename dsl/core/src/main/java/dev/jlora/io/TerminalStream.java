package dev.jlora.io;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A terminal stream that escapes control characters, except line ends and tabs: the contents of a
 * file must not move the cursor, change colours or set the window title.
 */
public final class TerminalStream extends FilterOutputStream {
  private static final int DELETE = 0x7f;

  /** First UTF-8 byte of U+0080 to U+00BF, of which the first 32 are control characters. */
  private static final int HIGH = 0xc2;

  private boolean high;

  public TerminalStream(OutputStream terminal) {
    super(terminal);
  }

  @Override
  public void write(int b) throws IOException {
    int c = b & 0xff;
    if (high) {
      high = false;
      if (c >= 0x80 && c < 0xa0) {
        escape(c);
        return;
      }
      out.write(HIGH);
    }
    if (c == HIGH) {
      high = true;
    } else if (c < ' ' && c != '\n' && c != '\t' || c == DELETE) {
      escape(c);
    } else {
      out.write(c);
    }
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    for (int i = from; i < from + count; i++) {
      write(bytes[i]);
    }
  }

  private void escape(int c) throws IOException {
    out.write("\\u%04x".formatted(c).getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void flush() throws IOException {
    if (!high) { // else a character is half written
      out.flush();
    }
  }
}
