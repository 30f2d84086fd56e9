package dev.jlora.data.image;

import dev.jlora.io.FormatException;
import dev.jlora.io.InputFile;
import dev.jlora.io.TooLargeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads image files, also from zips: a path that continues after a {@code .zip} names an entry.
 * Keeps zips open until it is closed. Thread-safe.
 */
public final class ImageFiles implements AutoCloseable {
  private static final String SMALLER =
      "Scale it down or drop it, or give Java more memory: JLORA_OPTS=-Xmx8g.";

  /** More than the largest picture has in three bytes per pixel. */
  private static final int MOST_BYTES = 640 << 20;

  /**
   * Shared by all decoding threads; one whose image did not fit into memory retries exclusively.
   */
  private static final ReadWriteLock DECODING = new ReentrantReadWriteLock();

  private final Map<Path, ZipFile> archives = new HashMap<>();
  private final boolean upright;

  /**
   * @param upright whether to apply the images' EXIF orientation
   */
  public ImageFiles(boolean upright) {
    this.upright = upright;
  }

  /**
   * Reads and decodes an image.
   *
   * @throws FormatException naming the file, if it does not exist or is not a readable image
   * @throws TooLargeException naming the file and the limit, if it does not fit into memory
   */
  public Picture read(Path file) {
    byte[] bytes = bytes(file);
    try {
      return decoded(bytes);
    } catch (Decoder.TooManyPixels e) {
      throw new TooLargeException(file, e.getMessage(), SMALLER, e);
    } catch (IOException e) {
      throw new FormatException(
          file.toString(),
          "is not a readable image (" + e.getMessage() + ").",
          "Replace or drop it, or skip such images.",
          e);
    }
  }

  /** Decodes concurrently with others if memory allows it, else exclusively. */
  private Picture decoded(byte[] bytes) throws IOException {
    DECODING.readLock().lock();
    try {
      return Decoder.decode(bytes, upright);
    } catch (Decoder.TooManyPixels e) {
      if (!e.mayFitAlone()) {
        throw e;
      }
    } finally {
      DECODING.readLock().unlock();
    }
    DECODING.writeLock().lock();
    try {
      return Decoder.decode(bytes, upright);
    } finally {
      DECODING.writeLock().unlock();
    }
  }

  /** The zip that {@code path} is or is in, or null. */
  public static @Nullable Path archive(Path path) {
    for (Path part = path; part != null; part = part.getParent()) {
      Path name = part.getFileName();
      boolean zip = name != null && name.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
      if (zip && !Files.isDirectory(part)) {
        return part;
      }
    }
    return null;
  }

  /** The name of {@code path} inside the zip {@code archive}; empty for the zip itself. */
  public static String entry(Path archive, Path path) {
    return archive.relativize(path).toString().replace('\\', '/');
  }

  private byte[] bytes(Path file) {
    Path archive = archive(file);
    InputFile.requireRegular(archive == null ? file : archive, "Name an image file.");
    try {
      return archive == null ? Files.readAllBytes(file) : entryBytes(archive, file);
    } catch (IOException | UncheckedIOException e) {
      throw new FormatException(
          file.toString(), "cannot be read (" + e.getMessage() + ").", "Check the path.", e);
    } catch (OutOfMemoryError e) { // also for more bytes than an array holds
      throw new TooLargeException(
          file,
          "has more bytes than fit into Java's heap of %,d MiB."
              .formatted(Runtime.getRuntime().maxMemory() >> 20),
          SMALLER,
          e);
    }
  }

  private byte[] entryBytes(Path archive, Path file) throws IOException {
    ZipFile zip = open(archive);
    ZipEntry entry = zip.getEntry(entry(archive, file));
    if (entry == null) {
      throw new IOException("the zip has no such entry");
    }
    try (InputStream stream = zip.getInputStream(entry)) {
      byte[] bytes = entry.getSize() > MOST_BYTES ? new byte[0] : stream.readNBytes(MOST_BYTES + 1);
      if (Math.max(entry.getSize(), bytes.length) > MOST_BYTES) {
        throw new TooLargeException(
            file,
            "expands to more than %,d MiB, the limit of a picture in a zip."
                .formatted(MOST_BYTES >> 20),
            "Check the zip, or unpack it.",
            null);
      }
      return bytes;
    }
  }

  private synchronized ZipFile open(Path archive) throws IOException {
    ZipFile zip = archives.get(archive);
    if (zip == null) {
      zip = new ZipFile(archive.toFile());
      archives.put(archive, zip);
    }
    return zip;
  }

  /** Closes the zips. */
  @Override
  public synchronized void close() {
    try {
      for (ZipFile zip : archives.values()) {
        zip.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    archives.clear();
  }
}
