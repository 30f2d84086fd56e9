package dev.jlora.datasets;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Text of records that end: a quote that is never closed would make one of all that follows. */
final class RecordReader extends FilterReader {
  private final int longest;
  private long sinceBegin;

  RecordReader(Reader in, int longest) {
    super(in);
    this.longest = longest;
  }

  /** A record was complete. */
  void begin() {
    sinceBegin = 0;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    count(read);
    return read;
  }

  private void count(int chars) throws TooLong {
    sinceBegin += Math.max(0, chars);
    if (sinceBegin > longest) {
      throw new TooLong();
    }
  }

  /** A record that does not end. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1;
  }
}
