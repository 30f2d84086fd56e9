package dev.jlora.data;

import dev.jlora.io.FormatException;
import dev.jlora.io.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A folder whose files are named by purpose: {@code train.jsonl.gz}, {@code test.tsv}.
 *
 * @param validation called {@code validation}, {@code valid}, {@code val} or {@code dev}
 */
public record DatasetFolder(
    Path folder, Optional<Path> train, Optional<Path> validation, Optional<Path> test) {

  /**
   * Finds the files of {@code folder}.
   *
   * @param accepts whether some format reads a file
   * @throws FormatException if the folder has no such file, or two with one purpose
   */
  public static DatasetFolder find(Path folder, Predicate<Path> accepts) {
    List<Path> files = files(folder, accepts);
    DatasetFolder found =
        new DatasetFolder(
            folder,
            named(folder, files, "train"),
            named(folder, files, "validation", "valid", "val", "dev"),
            named(folder, files, "test"));
    if (found.train.isEmpty() && found.validation.isEmpty() && found.test.isEmpty()) {
      throw new FormatException(
          folder,
          "has no file of rows named train, validation or test; it has "
              + files.stream().map(Path::getFileName).toList()
              + ".",
          "Name the file you mean.");
    }
    return found;
  }

  private static List<Path> files(Path folder, Predicate<Path> accepts) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isRegularFile).filter(accepts).sorted().toList();
    } catch (IOException e) {
      throw new FormatException(
          folder.toString(),
          "cannot be listed (" + InputFile.reason(e) + ").",
          "Check the path.",
          e);
    }
  }

  private static Optional<Path> named(Path folder, List<Path> files, String... stems) {
    List<Path> matching =
        files.stream().filter(file -> List.of(stems).contains(stem(file))).toList();
    if (matching.size() > 1) {
      throw new FormatException(
          folder,
          "has more than one file for "
              + stems[0]
              + ": "
              + matching.stream().map(Path::getFileName).toList()
              + ".",
          "Name the file you mean.");
    }
    return matching.stream().findFirst();
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
