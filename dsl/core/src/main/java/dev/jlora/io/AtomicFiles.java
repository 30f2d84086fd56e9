package dev.jlora.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes files atomically: under a temporary name in the same folder, forced to disk, then renamed.
 * After a crash or with a full disk the old file is unchanged.
 */
public final class AtomicFiles {
  private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.[0-9a-z]+\\.tmp");

  /** The temporary files that are being written. */
  private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

  private AtomicFiles() {}

  /** Writes the content of one file; unflushed data is lost when it returns. */
  @FunctionalInterface
  public interface Content {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /** Opens the temporary file; a test can simulate a failing disk here. */
  @FunctionalInterface
  interface Opener {
    FileChannel open(Path file) throws IOException;
  }

  /** Writes {@code text} as UTF-8. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes {@code bytes}. */
  public static void write(Path file, byte[] bytes) {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Writes the output of {@code content}; missing parent folders are created.
   *
   * @throws WriteException if the folder or the file cannot be written
   */
  public static void write(Path file, Content content) {
    write(file, content, AtomicFiles::openNew);
  }

  static void write(Path file, Content content, Opener opener) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new WriteException(
          file, "is a folder, expected the name of a file.", "Choose another name.", null);
    }
    Path temporary = folder.resolve(temporaryName(target));
    UNFINISHED.add(temporary);
    try {
      Files.createDirectories(folder);
      try (FileChannel channel = opener.open(temporary)) {
        content.writeTo(channel);
        channel.force(true);
      }
      rename(temporary, target);
      forceFolder(folder);
    } catch (IOException e) {
      throw failed(file, folder, e);
    } finally {
      deleteQuietly(temporary); // already renamed unless something failed
      UNFINISHED.remove(temporary);
    }
  }

  /** Deletes the files that other threads are writing, before the process is ended. */
  public static void discardUnfinished() {
    UNFINISHED.forEach(AtomicFiles::deleteQuietly);
  }

  /** Copies {@code source} to {@code target} atomically. */
  public static void copy(Path source, Path target) {
    write(
        target,
        channel -> {
          try (FileChannel in = FileChannel.open(source, StandardOpenOption.READ)) {
            long size = in.size();
            for (long done = 0; done < size; ) {
              done += in.transferTo(done, size - done, channel);
            }
          }
        });
  }

  /** Writes all remaining bytes of {@code buffer}. */
  static void writeFully(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static FileChannel openNew(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** The target of a temporary file left behind by a killed process; empty for any other name. */
  public static Optional<String> targetOf(String temporary) {
    Matcher matcher = TEMPORARY.matcher(temporary);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static String temporaryName(Path target) {
    String unique = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36);
    return "." + target.getFileName() + "." + unique + ".tmp";
  }

  private static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes the rename itself durable, if the system allows opening a folder. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows refuses to open folders; the file itself is already on the disk
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // the failure that led here is the one worth reporting
    }
  }

  private static WriteException failed(Path file, Path folder, IOException e) {
    String text = String.valueOf(e.getMessage());
    if (text.contains("No space left") || text.contains("not enough space")) {
      return new WriteException(
          file,
          "could not be written, the disk is full (" + free(folder) + " free).",
          "Free some space or choose another folder; no half-written file was left.",
          e);
    }
    if (e instanceof AccessDeniedException || text.contains("Read-only file system")) {
      return new WriteException(
          file,
          "could not be written, " + folder + " is not writable.",
          "Choose a folder you may write to, or change its permissions.",
          e);
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return new WriteException(
          file,
          "could not be written, a part of its path is a file and not a folder (" + text + ").",
          "Choose another folder.",
          e);
    }
    return new WriteException(
        file,
        "could not be written (" + e.getClass().getSimpleName() + ": " + text + ").",
        "Nothing was left behind; check the folder and try again.",
        e);
  }

  private static String free(Path folder) {
    try {
      return "%,d bytes".formatted(Files.getFileStore(folder).getUsableSpace());
    } catch (IOException e) {
      return "an unknown number of bytes";
    }
  }
}
