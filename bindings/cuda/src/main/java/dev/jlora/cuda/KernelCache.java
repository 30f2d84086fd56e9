package dev.jlora.cuda;

import dev.jlora.natives.JloraFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Compiled kernels on disk, {@code ~/.jlora/kernels/<key>.cubin}, shared by all processes of a
 * user. A file contains the machine code and its SHA-256. It is created by a rename, so that no
 * process reads an incomplete one; a file that does not match its digest is compiled again.
 */
public final class KernelCache {
  private static final int DIGEST_BYTES = 32;

  private final Path folder;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** A cache in a folder, which is created if absent. */
  public KernelCache(Path folder) {
    this.folder = folder;
  }

  /** The cache in jlora's own folder. */
  public static KernelCache standard() {
    return new KernelCache(JloraFolder.get().resolve("kernels"));
  }

  /** The machine code for a key, from disk or else from the compiler. */
  byte[] get(String key, Supplier<byte[]> compiler) {
    Path file = folder.resolve(key + ".cubin");
    Optional<byte[]> kept = read(file);
    if (kept.isPresent()) {
      return kept.get();
    }
    byte[] fresh = compiler.get();
    try {
      write(file, fresh);
    } catch (IOException e) {
      if (!warned.getAndSet(true)) {
        System.err.printf(
            "jlora: compiled kernels cannot be cached in %s (%s); they are compiled on every"
                + " start%n",
            folder, e);
      }
    }
    return fresh;
  }

  private static Optional<byte[]> read(Path file) {
    try {
      byte[] all = Files.readAllBytes(file);
      int length = all.length - DIGEST_BYTES;
      if (length <= 0) {
        return Optional.empty();
      }
      byte[] image = Arrays.copyOf(all, length);
      byte[] digest = Arrays.copyOfRange(all, length, all.length);
      return MessageDigest.isEqual(digest, digest(image)) ? Optional.of(image) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // what cannot be read is made again
    }
  }

  private void write(Path file, byte[] image) throws IOException {
    Files.createDirectories(folder);
    Path fresh = Files.createTempFile(folder, file.getFileName() + ".", ".new");
    try {
      try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        for (byte[] part : new byte[][] {image, digest(image)}) {
          for (ByteBuffer bytes = ByteBuffer.wrap(part); bytes.hasRemaining(); ) {
            out.write(bytes);
          }
        }
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static byte[] digest(byte[] image) {
    return KernelBuild.sha256().digest(image);
  }
}
