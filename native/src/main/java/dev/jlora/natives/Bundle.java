package dev.jlora.natives;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Native libraries packed in jars: what they are called, and how to read them.
 *
 * @param name what they are, for messages
 * @param id names the folder they are unpacked into: version and platform
 * @param entries the files, in any order
 */
record Bundle(String name, String id, List<Entry> entries) {
  Bundle {
    entries = List.copyOf(entries);
  }

  long bytes() {
    return entries.stream().mapToLong(Entry::size).sum();
  }

  /**
   * One packed library.
   *
   * @param name file name, without folders
   * @param size bytes when unpacked
   * @param crc CRC-32 of the unpacked bytes, as the jar's directory has it
   * @param origin where it comes from, for messages
   * @param content opens the unpacked bytes
   */
  record Entry(String name, long size, long crc, String origin, Content content) {}

  /** Opens the bytes of an entry, from the start, each time it is called. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }
}
