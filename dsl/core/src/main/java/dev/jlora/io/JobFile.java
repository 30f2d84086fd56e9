package dev.jlora.io;

import dev.jlora.spec.JobSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.SpecTypes;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Reads jobs from JSON files. */
public final class JobFile {
  /** The name of the job in the output folder of a run: {@value}. */
  public static final String NAME = "job.json";

  private JobFile() {}

  /**
   * Reads a job.
   *
   * @param types the spec types of plugins
   * @throws FormatException naming the file: with the line if it is not valid JSON, or with every
   *     invalid key
   */
  public static JobSpec read(Path file, SpecTypes types) {
    return read(file, types, Map.of());
  }

  /**
   * Reads a job with overrides.
   *
   * @param types the spec types of plugins
   * @param overrides plain values by the path of their key: {@link JobSpec#parse(String, SpecTypes,
   *     Map)}
   * @throws FormatException as without overrides
   */
  public static JobSpec read(
      Path file, SpecTypes types, Map<String, ? extends @Nullable Object> overrides) {
    if (Files.isDirectory(file)) {
      boolean run = Files.isRegularFile(file.resolve(NAME));
      throw new FormatException(
          file,
          "is a folder, expected a file with a job as JSON.",
          run ? "Name " + file.resolve(NAME) + "." : "Name a file.");
    }
    JobSpec job = parse(Json.text(file), file.toString(), types, overrides);
    return overrides.containsKey("model.path") ? job : withBaseFound(job, file);
  }

  /**
   * Parses a job from JSON text, with overrides.
   *
   * @param where the origin of the text, for errors
   * @throws FormatException as for a file
   */
  public static JobSpec parse(
      String text,
      String where,
      SpecTypes types,
      Map<String, ? extends @Nullable Object> overrides) {
    Json.object(text, where);
    try {
      return JobSpec.parse(text, types, overrides);
    } catch (SpecException e) {
      throw new FormatException(
          where,
          "is not a job:\n" + e.getMessage(),
          "\nCorrect the file; 'jlora plan --print' with options in its place prints a whole job.",
          e);
    }
  }

  /**
   * Resolves the path of the base model: relative to the current folder, else to the folder of the
   * job file or to the nearest enclosing folder, so that a project that was moved keeps its paths.
   */
  private static JobSpec withBaseFound(JobSpec job, Path file) {
    return base(job, file)
        .filter(found -> !found.equals(Path.of(job.model().path())))
        .map(
            found -> {
              LoggerFactory.getLogger(JobFile.class)
                  .info("{}: the base {} is {}", file, job.model().path(), found);
              return job.withModel(job.model().withPath(found.toString()));
            })
        .orElse(job);
  }

  /** The location of the base model of a job read from a file; empty if it does not exist. */
  public static Optional<Path> base(JobSpec job, Path file) {
    try {
      Path named = Path.of(job.model().path());
      if (isModel(named)) {
        return Optional.of(named);
      }
      Path around = file.toAbsolutePath().normalize().getParent();
      for (; around != null && !named.isAbsolute(); around = around.getParent()) {
        Path candidate = around.resolve(named).normalize();
        if (isModel(candidate)) {
          return Optional.of(candidate);
        }
      }
    } catch (InvalidPathException _) {
      // no path of this system: told where it is opened
    }
    return Optional.empty();
  }

  private static boolean isModel(Path folder) {
    return Files.isRegularFile(folder.resolve(ModelConfig.FILE));
  }
}
