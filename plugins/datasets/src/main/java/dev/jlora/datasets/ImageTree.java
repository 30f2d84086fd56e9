package dev.jlora.datasets;

import dev.jlora.data.image.ImageFiles;
import dev.jlora.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The images at any depth of a folder, on disk or in a zip, sorted by name. Hidden files and
 * folders, and those that operating systems leave behind, are ignored.
 *
 * @param others number of other files, except hidden ones
 */
record ImageTree(List<Path> images, int others) {
  private static final List<String> ENDINGS =
      List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp");

  /** Folders and files of macOS, Windows and network drives, which contain no images of users. */
  private static final Set<String> LEFT_BEHIND =
      Set.of(
          "__macosx",
          "thumbs.db",
          "ehthumbs.db",
          "desktop.ini",
          "$recycle.bin",
          "system volume information",
          "@eadir");

  static ImageTree of(Path folder) {
    Path archive = ImageFiles.archive(folder);
    try {
      return sorted(archive == null ? onDisk(folder) : inZip(archive, folder));
    } catch (IOException | UncheckedIOException e) {
      Path there = archive == null ? folder : archive;
      throw new FormatException(
          there.toString(),
          Files.exists(there) ? "cannot be read (" + e.getMessage() + ")." : "no such file.",
          "Check the path.",
          e);
    }
  }

  private static boolean hidden(String name) {
    return name.startsWith(".") || LEFT_BEHIND.contains(name.toLowerCase(Locale.ROOT));
  }

  private static List<Path> onDisk(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path below, BasicFileAttributes attributes) {
            return !below.equals(folder) && hidden(below.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && !hidden(file.getFileName().toString())) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (!file.equals(folder) && hidden(file.getFileName().toString())) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
    return files;
  }

  private static List<Path> inZip(Path archive, Path folder) throws IOException {
    String prefix = ImageFiles.entry(archive, folder);
    String start = prefix.isEmpty() ? "" : prefix + "/";
    List<Path> files = new ArrayList<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        String name = entry.getName();
        if (!entry.isDirectory() && name.startsWith(start) && !hiddenBelow(start, name)) {
          files.add(path(archive, name));
        }
      }
    }
    return files;
  }

  private static boolean hiddenBelow(String start, String name) {
    for (String part : name.substring(start.length()).split("/")) {
      if (hidden(part) && !part.equals("..")) {
        return true;
      }
    }
    return false;
  }

  /** The path of an entry, which must be inside its zip. */
  private static Path path(Path archive, String entry) {
    try {
      Path path = archive.resolve(entry);
      if (path.startsWith(archive) && path.equals(path.normalize())) {
        return path;
      }
    } catch (InvalidPathException _) {
      // told below
    }
    throw new FormatException(
        archive,
        "has an entry called '%s', expected a relative path without '..' or NUL characters."
            .formatted(printable(entry)),
        "Pack the images again.");
  }

  private static String printable(String name) {
    StringBuilder text = new StringBuilder();
    name.chars()
        .forEach(
            c -> text.append(Character.isISOControl(c) ? "\\u%04x".formatted(c) : "" + (char) c));
    return text.toString();
  }

  private static ImageTree sorted(List<Path> files) {
    List<Path> images = new ArrayList<>();
    int others = 0;
    files.sort(null);
    for (Path file : files) {
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      if (ENDINGS.stream().anyMatch(name::endsWith)) {
        images.add(file);
      } else {
        others++;
      }
    }
    return new ImageTree(List.copyOf(images), others);
  }
}
