package dev.jlora.engine.runs;

import dev.jlora.io.AtomicFiles;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.WeightFiles;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The output folder of a run, locked against other runs while it is open. Only files that runs
 * wrote are removed or replaced.
 */
public final class RunFolder implements AutoCloseable {
  /** Prefix of a folder's name until everything in it is written. */
  public static final String UNFINISHED = ".unfinished-";

  /** The file of a checkpoint with the state to resume from, except weights. */
  public static final String RESUME = "resume.json";

  /** The file of a checkpoint with the state of the optimizer. */
  public static final String OPTIMIZER = "optimizer.safetensors";

  private static final String RESULT = UNFINISHED + "result";
  private static final Pattern LEFT_BEHIND =
      Pattern.compile(Pattern.quote(UNFINISHED) + "(\\d+|result)");
  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-\\d+|\\.unfinished-.*");
  private static final int NAMED = 5;

  /** Files that are written directly at the top of the folder, not in a folder of their own. */
  private static final Set<String> WRITTEN_IN_PLACE =
      Set.of(RunContents.MANIFEST, JobFile.NAME, TrainerState.FILE);

  private final Path folder;
  private final RunLock lock;
  private final RunContents contents;
  private final Set<String> files;

  private RunFolder(Path folder, RunLock lock, RunContents contents) {
    this.folder = folder;
    this.lock = lock;
    this.contents = contents;
    this.files = new TreeSet<>(contents.owned());
  }

  /**
   * A job's requirements for its output folder.
   *
   * @param overwrite whether an earlier run may be replaced
   * @param resume whether an earlier run is continued
   * @param written names of the files that the run will write at the top
   * @param sources folders that the run reads, by their role: the model, an adapter
   */
  public record Request(
      boolean overwrite, boolean resume, Set<String> written, Map<String, Path> sources) {}

  /**
   * Creates the folder if necessary, and locks it. Earlier results are kept until {@link #clear}.
   *
   * @throws FormatException if it cannot be written, is locked by another run, contains an earlier
   *     run that the request neither replaces nor continues, or contains entries with a run's names
   *     that no run wrote
   */
  public static RunFolder claim(Path folder, Request request) {
    createFolder(folder);
    if (!Files.isWritable(folder)) {
      throw new FormatException(
          folder, "is not writable.", "Choose an output folder you may write to.");
    }
    request.sources().forEach((what, source) -> refuseSource(folder, what, source));
    check(folder, request, RunContents.of(folder, request.written()));
    RunLock lock = RunLock.take(folder);
    try {
      RunContents contents = RunContents.of(folder, request.written());
      check(folder, request, contents); // another run may have ended meanwhile
      return new RunFolder(folder, lock, contents);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void check(Path folder, Request request, RunContents contents) {
    refuseForeign(folder, contents.foreign());
    if (request.overwrite() && !contents.run()) {
      refuseForeign(
          folder,
          contents.checkpoints().stream().map(path -> path.getFileName().toString()).toList());
    }
    if (!contents.hasResults() || request.overwrite()) {
      return;
    }
    if (!request.resume()) {
      throw new FormatException(
          folder,
          "holds the results of an earlier run.",
          "Choose another output folder, set training.resume (--resume) to continue that run, or"
              + " training.overwrite (--overwrite) to"
              + " replace it.");
    }
    if (contents.checkpoints().isEmpty()) {
      throw new FormatException(
          folder,
          "holds the results of an earlier run and no checkpoint to resume from.",
          "Choose another output folder, or overwrite to replace that run.");
    }
  }

  private static void refuseForeign(Path folder, List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    int more = names.size() - NAMED;
    throw new FormatException(
        folder,
        "holds %s%s, which no jlora run wrote there; nothing was changed."
            .formatted(
                String.join(", ", names.subList(0, Math.min(NAMED, names.size()))),
                more > 0 ? " and %d more".formatted(more) : ""),
        "Choose another output folder, or move what is yours elsewhere first.");
  }

  /** Prevents a run from removing or replacing its sources. */
  private static void refuseSource(Path folder, String what, Path source) {
    try {
      if (!Files.exists(source)) {
        return;
      }
      Path real = source.toRealPath();
      Path output = folder.toRealPath();
      if (real.equals(output)) {
        throw new FormatException(
            folder, "is the folder of %s itself.".formatted(what), "Choose another output folder.");
      }
      if (real.startsWith(output)
          && CHECKPOINT.matcher(output.relativize(real).getName(0).toString()).matches()) {
        throw new FormatException(
            folder,
            "holds %s, %s, among the checkpoints of its run.".formatted(what, source),
            "Choose another output folder.");
      }
    } catch (IOException e) {
      throw new FormatException(
          source.toString(), "cannot be read (%s).".formatted(e), "Check its permissions.", e);
    }
  }

  /** Whether the {@code job.json} of a folder was written by a run, not by a user. */
  public static boolean isRun(Path folder) {
    return RunContents.of(folder, Set.of()).run();
  }

  /** Creates a folder and its parents. */
  public static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw noFolder(folder);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /**
   * Checks that a folder can be created or written, without creating it.
   *
   * @throws FormatException if a part of its path is not a folder, or is not writable
   */
  public static void requireCreatable(Path folder) {
    Path there = folder.toAbsolutePath();
    while (there.getParent() != null && !Files.exists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw noFolder(folder);
    }
    if (!Files.isWritable(there)) {
      throw new FormatException(
          folder,
          "could not be written: %s is not writable.".formatted(there),
          "Choose an output folder you may write to.");
    }
  }

  private static FormatException noFolder(Path folder) {
    return new FormatException(
        folder,
        Files.isRegularFile(folder)
            ? "is a file or has a file in its path, expected a folder."
            : "is no folder and has something in its path that is none, such as a pipe, a device"
                + " or a file.",
        "Choose another output folder.");
  }

  static FormatException unwritable(Path folder, IOException e) {
    return new FormatException(
        folder.toString(),
        "could not be written (%s: %s).".formatted(e.getClass().getSimpleName(), e.getMessage()),
        "Choose an output folder you may write to, with room on its disk.",
        e);
  }

  public Path path() {
    return folder;
  }

  /**
   * Removes the files of earlier runs; called when everything that may fail at the start has
   * succeeded.
   */
  public void clear() {
    lock.requireThere();
    contents.checkpoints().forEach(StagedFiles::delete);
    for (String name : contents.owned()) {
      // the job is replaced; a tokenizer's file harms nobody, and may be the user's own by now
      if (!name.equals(JobFile.NAME) && !ModelFolder.isCompanion(folder.resolve(name))) {
        StagedFiles.delete(folder.resolve(name));
        files.remove(name);
      }
    }
  }

  /** Removes unfinished files of a killed run. */
  public void removeLeftBehind() {
    try (Stream<Path> entries = Files.list(folder)) {
      entries.filter(RunFolder::isLeftBehind).toList().forEach(StagedFiles::delete);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private static boolean isLeftBehind(Path path) {
    String name = path.getFileName().toString();
    return LEFT_BEHIND.matcher(name).matches()
        ? Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        : AtomicFiles.targetOf(name).filter(WRITTEN_IN_PLACE::contains).isPresent()
            && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Records files as a run's, before they are written. */
  public void note(Collection<String> names) {
    lock.requireThere();
    files.addAll(names);
    Json.write(folder.resolve(RunContents.MANIFEST), Map.of("files", files));
  }

  /**
   * Checks that the folder is still the one that was claimed.
   *
   * @throws FormatException if it was removed, moved or replaced
   */
  public void requireThere() {
    lock.requireThere();
  }

  /**
   * Writes the results of the run at the top of the folder.
   *
   * @param content fills the given folder
   */
  public void write(Consumer<Path> content) {
    lock.requireThere();
    StagedFiles.write(folder, RESULT, content, this::note);
  }

  /** The names of the entries of a folder, sorted. */
  public static List<String> names(Path folder) {
    try {
      return list(folder).stream().map(path -> path.getFileName().toString()).toList();
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  /** Releases the lock. */
  @Override
  public void close() {
    lock.close();
  }

  /** The files of a run without an adapter, at the top: the model, and its tokenizer's files. */
  public static Set<String> ofWholeModel(Collection<String> companions) {
    Set<String> names =
        new HashSet<>(
            Set.of(JobFile.NAME, TrainerState.FILE, ModelConfig.FILE, WeightFiles.SINGLE));
    names.addAll(companions);
    return names;
  }

  /** The files of a run with an adapter, at the top. */
  public static Set<String> ofAdapter() {
    return Set.of(JobFile.NAME, TrainerState.FILE, PeftConfig.FILE, AdapterKeys.FILE);
  }
}
