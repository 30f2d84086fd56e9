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

/** A job as a file of JSON. */
public final class JobFile {
  private JobFile() {}

  /**
   * Reads a job.
   *
   * @param types what plugins bring for its parts
   * @throws FormatException naming the file: with the line where it is not JSON, or with every key
   *     that is wrong
   */
  public static JobSpec read(Path file, SpecTypes types) {
    return read(file, types, Map.of());
  }

  /**
   * Reads a job, and puts other values in place of its own.
   *
   * @param types what plugins bring for its parts
   * @param overrides plain values by the path of their key: {@link JobSpec#parse(String, SpecTypes,
   *     Map)}
   * @throws FormatException as for a file that is read alone
   */
  public static JobSpec read(
      Path file, SpecTypes types, Map<String, ? extends @Nullable Object> overrides) {
    if (Files.isDirectory(file)) {
      boolean run = Files.isRegularFile(file.resolve("job.json"));
      throw new FormatException(
          file,
          "is a folder, expected a file with a job as JSON.",
          run ? "Name " + file.resolve("job.json") + "." : "Name a file.");
    }
    JobSpec job = parse(Json.text(file), file.toString(), types, overrides);
    return overrides.containsKey("model.path") ? job : withBaseFound(job, file);
  }

  /**
   * A job as JSON that comes from elsewhere, with other values in place of its own.
   *
   * @param where where it comes from, for messages
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
   * A job whose base is where its path leads from here; else from the folder of the job's file, or
   * from the nearest one around it: a project that was moved keeps its paths.
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

  /** Where the base of a job lies that a file holds; empty where there is none. */
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
    return Files.isRegularFile(folder.resolve("config.json"));
  }
}
