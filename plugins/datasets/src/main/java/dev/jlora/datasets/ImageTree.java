package dev.jlora.datasets;

import dev.jlora.data.image.ImageFiles;
import dev.jlora.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The images at any depth of a folder, on the disk or in a zip, in the order of their names.
 *
 * @param others how many other files there are; hidden ones do not count
 */
record ImageTree(List<Path> images, int others) {
  private static final List<String> ENDINGS =
      List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp");

  static ImageTree of(Path folder) {
    Path archive = ImageFiles.archive(folder);
    try {
      return archive == null ? onDisk(folder) : inZip(archive, folder);
    } catch (IOException | UncheckedIOException e) {
      Path there = archive == null ? folder : archive;
      throw new FormatException(
          there.toString(),
          Files.exists(there) ? "cannot be read (" + e.getMessage() + ")." : "no such file.",
          "Check the path.",
          e);
    }
  }

  private static ImageTree onDisk(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return sorted(files.filter(Files::isRegularFile));
    }
  }

  private static ImageTree inZip(Path archive, Path folder) throws IOException {
    String prefix = ImageFiles.entry(archive, folder);
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return sorted(
          zip.stream()
              .filter(entry -> !entry.isDirectory())
              .map(ZipEntry::getName)
              .filter(name -> prefix.isEmpty() || name.startsWith(prefix + "/"))
              .map(archive::resolve));
    }
  }

  private static ImageTree sorted(Stream<Path> files) {
    List<Path> images = new ArrayList<>();
    int[] others = {0};
    files
        .filter(file -> !file.getFileName().toString().startsWith("."))
        .sorted()
        .forEach(
            file -> {
              String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
              if (ENDINGS.stream().anyMatch(name::endsWith)) {
                images.add(file);
              } else {
                others[0]++;
              }
            });
    return new ImageTree(List.copyOf(images), others[0]);
  }
}
