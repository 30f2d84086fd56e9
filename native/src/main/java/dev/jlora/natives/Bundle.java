package dev.jlora.natives;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Native libraries packed in jars: their names, and how to read them.
 *
 * @param name display name, for messages
 * @param id version and platform; the name of the folder they are unpacked into
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
   * @param size unpacked size in bytes
   * @param crc CRC-32 of the unpacked bytes, from the jar's directory
   * @param origin location of the jar, for messages
   * @param content opens the unpacked bytes
   */
  record Entry(String name, long size, long crc, String origin, Content content) {}

  /** Opens the bytes of an entry, from the start on every call. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }
}
