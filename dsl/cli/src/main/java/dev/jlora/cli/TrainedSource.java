package dev.jlora.cli;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.models.Devices;
import dev.jlora.host.Plugins;
import dev.jlora.spec.JobSpec;
import dev.jlora.tensor.Torch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A trained model: a run or any other model folder, with its job. */
class TrainedSource {
  /** A trained model whose base model may have been moved. */
  static final class OnBase extends TrainedSource {
    @Option(
        names = "--base",
        paramLabel = "DIR",
        description = "The folder of the base model, if it was moved.")
    private void base(Path folder) {
      base = folder;
    }
  }

  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description =
          "The output folder of a run or one of its checkpoints, a model folder, or an"
              + " adapter folder.")
  Path folder;

  @Option(
      names = "--job",
      paramLabel = "JOB.json",
      description = "The job, if the files of RUN do not contain enough information.")
  private @Nullable Path file;

  /** The folder of the base model, if a command got one. */
  @Nullable Path base;

  /** Whether vectors are requested, for which a model needs no head. */
  boolean features;

  /**
   * The job with overrides, on the device given here rather than that of the training.
   *
   * @param overrides values by the paths of their keys: {@link JobOptions#typed}
   * @throws dev.jlora.io.FormatException if the folder has no job and none was named, or if it is
   *     invalid
   */
  JobSpec job(Plugins plugins, Map<String, ? extends @Nullable Object> overrides) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(overrides);
    all.putIfAbsent("training.device", Devices.AUTO);
    if (all.get("training.threads") instanceof Integer threads && threads > 0) {
      Torch.threads(threads);
    }
    return JobSpec.parse(found(new Engine(plugins)).json(), plugins.specTypes(), all);
  }

  private JobSpec found(Engine engine) {
    if (file != null) {
      return Jlora.job(file);
    }
    return features ? engine.jobForFeatures(folder, base) : engine.job(folder, base);
  }
}
