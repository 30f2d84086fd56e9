package dev.jlora.engine.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Writes the files of a folder together: into a hidden folder inside it, from which they are moved
 * when all are complete.
 */
public final class StagedFiles {
  private StagedFiles() {}

  /**
   * Writes files into a folder, replacing files with the same names.
   *
   * @param hidden name of the hidden folder; leftovers of a killed process are removed
   * @param content fills the given folder
   * @param moving receives the names before the files are moved
   * @throws dev.jlora.io.FormatException if the folder cannot be written
   */
  public static void write(
      Path folder, String hidden, Consumer<Path> content, Consumer<List<String>> moving) {
    Path unfinished = folder.resolve(hidden);
    delete(unfinished);
    RunFolder.createFolder(unfinished);
    try {
      content.accept(unfinished);
      List<String> names = RunFolder.names(unfinished);
      moving.accept(names);
      for (String name : names) {
        Path file = unfinished.resolve(name);
        Path target = folder.resolve(name);
        if (Files.isDirectory(file)) {
          delete(target); // a folder that is not empty cannot be replaced
        }
        Files.move(
            file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw RunFolder.unwritable(folder, e);
    } finally {
      delete(unfinished);
    }
  }

  /**
   * Deletes a file or a folder with its content, if it exists.
   *
   * @throws dev.jlora.io.FormatException if it cannot be deleted
   */
  public static void delete(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw RunFolder.unwritable(path, e);
    }
  }
}
