package dev.jlora.engine.runs;

import dev.jlora.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code checkpoint-<step>} folders of an output folder. Each is written under a hidden name
 * and renamed, so a run that is killed leaves no incomplete one.
 */
public final class Checkpoints {
  private static final Pattern NAME = Pattern.compile("checkpoint-(0|[1-9]\\d{0,17})");

  private final Path output;

  public Checkpoints(Path output) {
    this.output = output;
  }

  /** Writes one; {@code content} fills the given folder. */
  public Path write(long step, Consumer<Path> content) {
    Path target = output.resolve("checkpoint-" + step);
    Path unfinished = output.resolve(RunFolder.UNFINISHED + step);
    try {
      deleteTree(unfinished);
      RunFolder.createFolder(unfinished);
      content.accept(unfinished);
      deleteTree(target);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      return target;
    } catch (IOException e) {
      throw unwritable(target, e);
    } finally {
      deleteQuietly(unfinished);
    }
  }

  private static FormatException unwritable(Path folder, IOException e) {
    return new FormatException(
        folder.toString(),
        "could not be written (%s: %s).".formatted(e.getClass().getSimpleName(), e.getMessage()),
        "Choose an output folder you may write to, with room on its disk.",
        e);
  }

  /** All checkpoints, by step. */
  List<Path> all() {
    if (!Files.isDirectory(output)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(output)) {
      return entries
          .filter(path -> Files.isDirectory(path) && step(path) >= 0)
          .sorted(Comparator.comparingLong(Checkpoints::step))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Optional<Path> newest() {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  public Path at(long step) {
    return output.resolve("checkpoint-" + step);
  }

  /** Deletes the oldest beyond {@code limit} (0 for no limit), except the one at {@code kept}. */
  public void prune(int limit, @Nullable Long kept) {
    List<Path> all = all();
    int surplus = limit == 0 ? 0 : all.size() - limit;
    for (Path path : all) {
      boolean newest = path.equals(all.getLast());
      if (surplus > 0 && !newest && (kept == null || step(path) != kept)) {
        deleteQuietly(path);
        surplus--;
      }
    }
  }

  /** The step in the name of a checkpoint; -1 for any other name. */
  static long step(Path path) {
    Matcher matcher = NAME.matcher(path.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  private static void deleteQuietly(Path folder) {
    try {
      deleteTree(folder);
    } catch (IOException e) {
      System.getLogger(Checkpoints.class.getName())
          .log(System.Logger.Level.WARNING, "could not delete " + folder + ": " + e.getMessage());
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
