package dev.jlora.datasets;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Limits the length of records: an unclosed quote would make one record of everything after it. */
final class RecordReader extends FilterReader {
  private final int longest;
  private long sinceBegin;

  RecordReader(Reader in, int longest) {
    super(in);
    this.longest = longest;
  }

  /** Starts a new record. */
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

  /** A record exceeds the limit. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1;
  }
}
