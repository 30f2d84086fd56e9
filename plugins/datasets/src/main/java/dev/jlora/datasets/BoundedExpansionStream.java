package dev.jlora.datasets;

import java.io.IOException;
import java.io.InputStream;

/** Decompressed bytes, limited to a plausible expansion to stop gzip bombs. */
final class BoundedExpansionStream extends CountingStream {
  private static final long HARMLESS = 32L << 20;
  private static final long MOST = 250;

  private final CountingStream compressed;

  BoundedExpansionStream(InputStream in, CountingStream compressed) {
    super(in);
    this.compressed = compressed;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    check();
    return next;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = super.read(into, offset, length);
    check();
    return count;
  }

  private void check() throws Bomb {
    if (bytes() > HARMLESS && bytes() / MOST > compressed.bytes()) {
      throw new Bomb(
          "expands to more than %d times its size, %d MiB so far".formatted(MOST, bytes() >> 20));
    }
  }

  /** The compressed data expands too much. */
  static final class Bomb extends IOException {
    private static final long serialVersionUID = 1;

    Bomb(String message) {
      super(message);
    }
  }
}
