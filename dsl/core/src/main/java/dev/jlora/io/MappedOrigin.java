package dev.jlora.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * The state of a mapped file at the time it was opened. The bytes of a file that is replaced stay
 * mapped unchanged; those of a file that is written in place change under the reader, and reading
 * beyond its new end ends the process.
 */
record MappedOrigin(Path file, @Nullable Object key, long size, FileTime modified) {
  static MappedOrigin of(Path file) throws IOException {
    var now = Files.readAttributes(file, BasicFileAttributes.class);
    return new MappedOrigin(file, now.fileKey(), now.size(), now.lastModifiedTime());
  }

  /**
   * Checks that the file was not written in place since.
   *
   * @throws FormatException naming the file, if it was
   */
  void requireUnchanged() {
    try {
      var now = Files.readAttributes(file, BasicFileAttributes.class);
      boolean same = key != null && key.equals(now.fileKey());
      if (same && (now.size() != size || !now.lastModifiedTime().equals(modified))) {
        throw new FormatException(
            file,
            "was written in place while it was open: it had %,d bytes of %s and has %,d of %s."
                .formatted(size, modified, now.size(), now.lastModifiedTime()),
            "Open the model again. Write a new version beside the file and rename it, or read"
                + " weights into private memory (-Djlora.weights=copy).");
      }
    } catch (NoSuchFileException _) {
      // removed or about to be replaced: what is mapped stays
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
  }
}
