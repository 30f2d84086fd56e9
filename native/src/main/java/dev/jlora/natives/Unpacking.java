package dev.jlora.natives;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipException;

/** Writes the files of a bundle and their manifest into a new folder, and flushes them to disk. */
final class Unpacking {
  private static final int BUFFER_BYTES = 1 << 18;

  private final Path folder;

  Unpacking(Path folder) {
    this.folder = folder;
  }

  /**
   * @throws NativeLoadException if the contents of a jar do not match its directory
   */
  void run(Bundle bundle) throws IOException {
    Files.createDirectories(folder);
    List<Manifest.Line> lines = new ArrayList<>();
    for (Bundle.Entry entry : bundle.entries()) {
      lines.add(unpack(entry));
    }
    new Manifest(lines).write(folder);
    flush(folder.resolve(Manifest.FILE_NAME));
    flush(folder);
  }

  private Manifest.Line unpack(Bundle.Entry entry) throws IOException {
    Path file = folder.resolve(entry.name());
    CRC32 crc = new CRC32();
    Digest sha = new Digest();
    long size = 0;
    try (InputStream in = entry.content().open();
        FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = read(in, buffer, entry); n >= 0; n = read(in, buffer, entry)) {
        crc.update(buffer, 0, n);
        sha.update(buffer, n);
        size += n;
        for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n); bytes.hasRemaining(); ) {
          out.write(bytes);
        }
      }
      out.force(true);
    }
    if (size != entry.size() || crc.getValue() != entry.crc()) {
      throw damaged(
          entry,
          "got %d bytes with CRC-32 %08x, expected %d bytes with %08x"
              .formatted(size, crc.getValue(), entry.size(), entry.crc()));
    }
    long modified = Files.getLastModifiedTime(file).toMillis();
    return new Manifest.Line(entry.name(), size, entry.crc(), modified, sha.hex());
  }

  private static int read(InputStream in, byte[] buffer, Bundle.Entry entry) throws IOException {
    try {
      return in.read(buffer);
    } catch (ZipException | EOFException e) {
      throw damaged(entry, e.toString());
    }
  }

  private static NativeLoadException damaged(Bundle.Entry entry, String how) {
    return new NativeLoadException(
        "%s in %s is damaged: %s.".formatted(entry.name(), entry.origin(), how),
        "delete that jar and build again, so that Maven downloads it again.");
  }

  private static void flush(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
