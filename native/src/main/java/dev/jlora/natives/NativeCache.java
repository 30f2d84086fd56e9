package dev.jlora.natives;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Unpacked libraries, one folder per version and platform, shared by all processes of a user.
 *
 * <p>A folder is created by renaming a complete, flushed sibling, so no process ever sees an
 * incomplete one. A file lock lets one process unpack while others wait. On each start sizes and
 * the jar's checksums are compared; digests are computed again for files modified since, or for all
 * files under full verification. Damaged files are unpacked again.
 */
final class NativeCache {
  private final Path natives;
  private final boolean fullVerification;

  /**
   * @param root jlora's folder, {@code ~/.jlora}; created if absent
   */
  NativeCache(Path root, boolean fullVerification) {
    this.natives = root.resolve("natives");
    this.fullVerification = fullVerification;
  }

  /**
   * Returns the folder that holds a bundle's files, unpacking them if they are absent or damaged.
   *
   * @throws NativeLoadException if the cache cannot be written or a packed file is damaged
   */
  synchronized Path unpacked(Bundle bundle) {
    Path folder = natives.resolve(bundle.id());
    try {
      if (isIntact(folder, bundle)) {
        return folder;
      }
      Files.createDirectories(natives);
      try (FileChannel lockFile =
              FileChannel.open(
                  natives.resolve(bundle.id() + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock _ = lockFile.lock()) {
        if (!isIntact(folder, bundle)) {
          replace(folder, bundle);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new NativeLoadException(
          "%s cannot be unpacked into %s (%s).".formatted(bundle.name(), folder, e),
          "make the folder writable with %d MB free, or name another with -D%s=FOLDER or %s=FOLDER."
              .formatted(megabytes(bundle.bytes()), JloraFolder.PROPERTY, JloraFolder.VARIABLE),
          e);
    }
  }

  private void replace(Path folder, Bundle bundle) throws IOException {
    removeLeftovers(bundle.id());
    requireSpace(bundle);
    System.err.printf(
        "jlora: unpacking %s once (%d MB) into %s%n",
        bundle.name(), megabytes(bundle.bytes()), folder);
    Path fresh = natives.resolve(bundle.id() + ".new-" + ProcessHandle.current().pid());
    new Unpacking(fresh).run(bundle);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path old = natives.resolve(bundle.id() + ".old-" + ProcessHandle.current().pid());
      Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    } else {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void requireSpace(Bundle bundle) throws IOException {
    long free = Files.getFileStore(natives).getUsableSpace();
    if (free < bundle.bytes()) {
      throw new IOException(
          "%d MB are free, %d MB are needed".formatted(megabytes(free), megabytes(bundle.bytes())));
    }
  }

  private boolean isIntact(Path folder, Bundle bundle) throws IOException {
    Map<String, Manifest.Line> lines = Manifest.read(folder).map(Manifest::byName).orElse(Map.of());
    for (Bundle.Entry entry : bundle.entries()) {
      Manifest.Line line = lines.get(entry.name());
      if (line == null || line.size() != entry.size() || line.crc() != entry.crc()) {
        return false;
      }
      if (!isIntact(folder.resolve(entry.name()), line)) {
        return false;
      }
    }
    return true;
  }

  private boolean isIntact(Path file, Manifest.Line line) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) != line.size()) {
      return false;
    }
    boolean touched = Files.getLastModifiedTime(file).toMillis() != line.modifiedMillis();
    if (!touched && !fullVerification) {
      return true;
    }
    if (!Digest.sha256(file).equals(line.sha256())) {
      return false;
    }
    if (touched && Files.isWritable(file)) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(line.modifiedMillis()));
    }
    return true;
  }

  /**
   * Deletes the leftovers of a killed process. Called under the lock, so no other process is
   * writing.
   */
  private void removeLeftovers(String id) throws IOException {
    try (Stream<Path> siblings = Files.list(natives)) {
      for (Path sibling : siblings.toList()) {
        String name = sibling.getFileName().toString();
        if (name.startsWith(id + ".new-") || name.startsWith(id + ".old-")) {
          delete(sibling);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.toList().reversed();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  private static long megabytes(long bytes) {
    return Math.ceilDiv(bytes, 1_000_000L);
  }
}
