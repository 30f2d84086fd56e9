package dev.jlora.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads all members of a gzip file. Java's own stream treats a damaged header of a later member as
 * the end of the file, silently losing rows; here only zeros, with which tapes and disks pad, may
 * follow a member instead of another header.
 */
final class GzipMembers extends GZIPInputStream {
  /** Size of the checksum and the length after each member. */
  private static final int TRAILER = 8;

  private boolean checked;

  GzipMembers(InputStream in, int buffer) throws IOException {
    super(in, buffer);
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = super.read(into, offset, length);
    if (count < 0 && !checked) {
      checked = true;
      requireZeros();
    }
    return count;
  }

  private void requireZeros() throws IOException {
    for (int i = len - inf.getRemaining() + TRAILER; i < len; i++) {
      require(buf[i] == 0);
    }
    byte[] rest = new byte[buf.length];
    for (int count = in.read(rest); count > 0; count = in.read(rest)) {
      for (int i = 0; i < count; i++) {
        require(rest[i] == 0);
      }
    }
  }

  private static void require(boolean zero) throws ZipException {
    if (!zero) {
      throw new ZipException("trailing bytes are not gzip data");
    }
  }
}
