package dev.jlora.engine.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.FileNames;
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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The contents of an output folder, by who wrote them. A run lists the files it writes in {@value
 * #MANIFEST}, and those of a checkpoint in its {@code resume.json}. Runs of older versions are
 * recognized by their {@code job.json} with a {@code trainer_state.json} or a checkpoint, and by
 * the names they used.
 *
 * @param run whether its {@code job.json} is that of a run
 * @param owned top-level files that runs wrote
 * @param checkpoints checkpoint folders that runs wrote
 * @param foreign entries with a run's names that no run wrote, relative to the folder
 */
record RunContents(boolean run, Set<String> owned, List<Path> checkpoints, List<String> foreign) {
  static final String MANIFEST = ".jlora-run.json";
  private static final Set<String> ADAPTER = Set.of(PeftConfig.FILE, AdapterKeys.FILE);
  private static final Set<String> MODEL = Set.of(ModelConfig.FILE, WeightFiles.SINGLE);

  /**
   * Names that identify a run, an adapter or a model, which must not be mixed with a run's files.
   */
  private static final Set<String> GUARDED =
      Set.of(
          JobFile.NAME,
          TrainerState.FILE,
          PeftConfig.FILE,
          AdapterKeys.FILE,
          "adapter_model.bin",
          ModelConfig.FILE,
          WeightFiles.SINGLE,
          WeightFiles.INDEX,
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

  private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-\\d+");
  private static final Pattern STEP = Pattern.compile("checkpoint-(0|[1-9]\\d{0,17})");

  /**
   * Examines a folder.
   *
   * @param written top-level names that the next run will write
   */
  static RunContents of(Path folder, Set<String> written) {
    List<Path> checkpoints = new ArrayList<>();
    List<String> foreign = new ArrayList<>();
    for (Path entry : entries(folder)) {
      if (CHECKPOINT.matcher(entry.getFileName().toString()).matches()) {
        List<String> strangers = strangers(entry);
        strangers.forEach(name -> foreign.add(entry.getFileName() + name));
        if (strangers.isEmpty()) {
          checkpoints.add(entry);
        }
      }
    }
    Set<String> owned = new TreeSet<>(noted(folder.resolve(MANIFEST), "files"));
    JsonNode job = object(folder.resolve(JobFile.NAME));
    boolean marked = owned.contains(JobFile.NAME) && isJob(job);
    boolean older =
        isJob(job) && (isState(folder.resolve(TrainerState.FILE)) || !checkpoints.isEmpty());
    if (marked || older) {
      owned.addAll(Set.of(JobFile.NAME, TrainerState.FILE));
      owned.addAll(job.path("adapter").isObject() ? ADAPTER : wholeModel());
    }
    owned.removeIf(name -> !isResult(folder.resolve(name)));
    Set<String> needed = new TreeSet<>(GUARDED);
    needed.addAll(written);
    needed.removeAll(owned);
    needed.stream()
        .filter(name -> Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS))
        .forEach(foreign::add);
    return new RunContents(marked || older, owned, List.copyOf(checkpoints), List.copyOf(foreign));
  }

  /** Whether an earlier run left results, and not only its job. */
  boolean hasResults() {
    return !checkpoints.isEmpty() || owned.stream().anyMatch(name -> !name.equals(JobFile.NAME));
  }

  private static Set<String> wholeModel() {
    Set<String> names = new HashSet<>(MODEL);
    names.addAll(ModelFolder.companionNames());
    return names;
  }

  /** The entries of a checkpoint folder that no run wrote. */
  private static List<String> strangers(Path entry) {
    boolean folder = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
    if (!folder || !STEP.matcher(entry.getFileName().toString()).matches()) {
      return List.of("");
    }
    List<Path> inside = entries(entry);
    if (!Files.isRegularFile(entry.resolve(RunFolder.RESUME), LinkOption.NOFOLLOW_LINKS)) {
      return inside.isEmpty()
          ? List.of("")
          : inside.stream().map(path -> "/" + path.getFileName()).toList();
    }
    Set<String> known = new HashSet<>(wholeModel());
    known.addAll(ADAPTER);
    known.addAll(Set.of(TrainerState.FILE, RunFolder.RESUME, RunFolder.OPTIMIZER));
    known.addAll(noted(entry.resolve(RunFolder.RESUME), "files"));
    return inside.stream()
        .filter(path -> !known.contains(path.getFileName().toString()) || !isResult(path))
        .map(path -> "/" + path.getFileName())
        .toList();
  }

  /** A regular file, or a folder that belongs to a tokenizer; not a link. */
  private static boolean isResult(Path path) {
    boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    return folder
        ? ModelFolder.isCompanion(path)
        : Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isJob(JsonNode json) {
    return json.path("model").path("path").isTextual()
        && json.path("task").isObject()
        && json.path("training").isObject();
  }

  private static boolean isState(Path file) {
    return object(file).path("global_step").isIntegralNumber();
  }

  /** The files listed in one of a run's files; those outside the folder are ignored. */
  private static List<String> noted(Path file, String key) {
    return object(file)
        .path(key)
        .valueStream()
        .map(JsonNode::asText)
        .filter(FileNames::isPlain)
        .toList();
  }

  /** The JSON object in a regular file; an empty one if there is none. */
  private static JsonNode object(Path file) {
    try {
      return Files.isRegularFile(file) ? Json.readObject(file) : Json.mapper().createObjectNode();
    } catch (FormatException e) {
      return Json.mapper().createObjectNode();
    }
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new FormatException(
          folder.toString(),
          "cannot be listed (%s).".formatted(e),
          "Choose an output folder you may read and write.",
          e);
    } catch (UncheckedIOException e) {
      throw new FormatException(
          folder.toString(), "cannot be listed (%s).".formatted(e), "Choose another folder.", e);
    }
  }
}
