package dev.jlora.engine.runs;

import dev.jlora.io.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A process's lock on the folder it writes a run to: a lock on the hidden file {@value #FILE},
 * which is kept. The lock ends with the process.
 */
final class RunLock implements AutoCloseable {
  static final String FILE = ".jlora-run.lock";

  /**
   * The folders that this process has locked. A second channel to a locked file would release its
   * lock.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final Path real;
  private final FileChannel channel;
  private final @Nullable Object fileKey;

  private RunLock(Path folder, Path real, FileChannel channel) throws IOException {
    this.folder = folder;
    this.real = real;
    this.channel = channel;
    this.fileKey = key(folder.resolve(FILE));
  }

  /**
   * Locks the folder for this process.
   *
   * @throws FormatException if a run of this or of another process has locked it, or it cannot be
   *     written
   */
  static RunLock take(Path folder) {
    try {
      Path real = folder.toRealPath();
      if (!HELD.add(real)) {
        throw taken(folder, "another run of this process");
      }
      try {
        return locked(folder, real);
      } catch (IOException | RuntimeException e) {
        HELD.remove(real);
        throw e;
      }
    } catch (IOException e) {
      throw new FormatException(
          folder.toString(),
          "could not be written (%s: %s).".formatted(e.getClass().getSimpleName(), e.getMessage()),
          "Choose an output folder you may write to, with room on its disk.",
          e);
    }
  }

  private static RunLock locked(Path folder, Path real) throws IOException {
    Path file = folder.resolve(FILE);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FormatException(
          file, "is not a regular file.", "Remove it, or choose another output folder.");
    }
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (!lock(channel, file)) {
        throw taken(folder, holder(channel));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes()), 0);
      return new RunLock(folder, real, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean lock(FileChannel channel, Path file) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No locks available")) {
        LoggerFactory.getLogger(RunLock.class)
            .warn("{}: this file system has no locks; start no second run there", file);
        return true;
      }
      throw e;
    }
  }

  private static FormatException taken(Path folder, String holder) {
    return new FormatException(
        folder,
        "is in use: %s writes into it.".formatted(holder),
        "Wait for its end, end it, or choose another output folder.");
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
    return pid.matches("\\d+") ? "process " + pid : "another process";
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /**
   * Checks that the folder is still the one that was locked.
   *
   * @throws FormatException if it was removed, moved or replaced
   */
  void requireThere() {
    try {
      Object now = key(folder.resolve(FILE));
      if (fileKey != null && !fileKey.equals(now)) {
        throw gone(null);
      }
    } catch (IOException e) {
      throw gone(e);
    }
  }

  private FormatException gone(@Nullable Exception cause) {
    return new FormatException(
        folder.toString(),
        "was removed, moved or replaced while the run was writing into it; the run stopped.",
        "Leave the output folder alone until a run ends, and train again.",
        cause);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(RunLock.class).warn("{}: {}", folder, e.getMessage());
    } finally {
      HELD.remove(real);
    }
  }
}
