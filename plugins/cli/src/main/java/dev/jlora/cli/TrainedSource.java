package dev.jlora.cli;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.io.FormatException;
import dev.jlora.spec.JobSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What was trained: a run, or a folder that something else wrote, with a job that says for what.
 */
final class TrainedSource {
  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description = "The output folder of a run, or one of its checkpoints.")
  Path folder;

  @Option(
      names = "--job",
      paramLabel = "JOB.json",
      description = "For an adapter or a model that no run wrote: the job it belongs to.")
  private @Nullable Path file;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
  private String device;

  /**
   * The job, on the device that was named here, whatever it was trained on.
   *
   * @throws FormatException if the folder has none and none was named, or if it is wrong
   */
  JobSpec job(Engine engine) {
    return found(engine).withDevice(device);
  }

  private JobSpec found(Engine engine) {
    if (file != null) {
      return Jlora.job(file);
    }
    if (!Files.isDirectory(folder)) {
      throw new FormatException(folder, "no such folder.", "Check the path.");
    }
    Path run = folder.toAbsolutePath().getParent();
    if (!engine.isRun(folder) && run != null && engine.isRun(run)) {
      return engine.job(run);
    }
    if (!engine.isRun(folder)) {
      throw new FormatException(
          folder,
          "holds no job.json, so it is not the output folder of a run.",
          "Name the job it belongs to with --job JOB.json.");
    }
    return engine.job(folder);
  }
}
