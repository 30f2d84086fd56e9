package dev.jlora.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks the header of a Linux library before the dynamic loader opens it. */
final class ElfFile {
  private static final int HEADER_BYTES = 20;
  private static final int MACHINE_OFFSET = 18;
  private static final int MAGIC = 0x7f454c46; // 0x7f 'E' 'L' 'F'
  private static final byte CLASS_64_BIT = 2;

  private ElfFile() {}

  /**
   * Checks that a file is a 64-bit ELF file for a platform.
   *
   * @throws NativeLoadException if the file cannot be read, is not an ELF file, or is for another
   *     machine
   */
  static void check(Path file, Platform platform, String remedy) {
    byte[] header;
    try (InputStream in = Files.newInputStream(file)) {
      header = in.readNBytes(HEADER_BYTES);
    } catch (IOException e) {
      throw new NativeLoadException("%s cannot be read (%s).".formatted(file, e), remedy, e);
    }
    if (header.length < HEADER_BYTES
        || ByteBuffer.wrap(header).getInt() != MAGIC
        || header[4] != CLASS_64_BIT) {
      throw new NativeLoadException(
          "%s is not a 64-bit ELF library (it may be truncated, or a pointer to a large file)."
              .formatted(file),
          remedy);
    }
    int machine =
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getShort(MACHINE_OFFSET) & 0xffff;
    if (machine != platform.elfMachine()) {
      throw new NativeLoadException(
          "%s is built for ELF machine %d; this machine is %s (ELF machine %d)."
              .formatted(file, machine, platform.name(), platform.elfMachine()),
          remedy);
    }
  }
}
