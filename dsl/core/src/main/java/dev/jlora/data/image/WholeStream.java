package dev.jlora.data.image;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The bytes of a file for a reader that takes zeros for what is missing. It may look ahead of the
 * end by a few bytes; beyond that the file is truncated or its sizes are wrong. The zeros of a
 * damaged file may be decoded for minutes.
 */
final class WholeStream extends ImageInputStreamImpl {
  /** Number of times that a reader may meet the end. */
  private static final int LOOKAHEAD = 64;

  private final byte[] bytes;
  private int beyond;

  WholeStream(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read() throws IOException {
    checkClosed();
    bitOffset = 0;
    return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : end();
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    if (length > 0 && streamPos >= bytes.length) {
      return end();
    }
    int count = (int) Math.min(length, bytes.length - streamPos);
    System.arraycopy(bytes, (int) streamPos, target, offset, count);
    streamPos += count;
    return count;
  }

  private int end() throws IOException {
    if (++beyond > LOOKAHEAD) {
      throw new IOException("truncated or damaged: its pixels need more bytes than it has");
    }
    return -1;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}
