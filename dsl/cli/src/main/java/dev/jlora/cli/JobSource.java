package dev.jlora.cli;

import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.JobFile;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a job from a file, from options, or from a file with overrides. */
final class JobSource {
  /** The job to which options are applied if there is no file. */
  private static final String EMPTY =
      """
      {"model": {}, "task": {}, "adapter": {"method": "lora"}, "data": {}}
      """;

  private static final String BATCH = "training.batch_size";
  private static final String EVAL_BATCH = "training.eval_batch_size";

  @Parameters(
      arity = "0..1",
      paramLabel = "JOB.json",
      description = "A job as JSON, - for standard input; options override its values.")
  private @Nullable Path file;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * The job.
   *
   * @throws ParameterException if neither a file nor a model is given
   * @throws SpecException listing all problems of the options
   * @throws dev.jlora.io.FormatException naming a missing or invalid file
   */
  JobSpec job() {
    Plugins plugins = Plugins.load();
    Map<String, @Nullable Object> typed = JobOptions.typed(command);
    if (file != null && StandardInput.is(file)) {
      return JobFile.parse(StandardInput.text(), "standard input", plugins.specTypes(), typed);
    }
    if (file != null) {
      return JobFile.read(file, plugins.specTypes(), typed);
    }
    if (typed.get("model.path") == null) {
      throw new ParameterException(
          command.commandLine(), "got no job, expected JOB.json or --model DIR with --train FILE");
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>(typed);
    if (typed.containsKey(BATCH)) {
      all.putIfAbsent(EVAL_BATCH, typed.get(BATCH));
    }
    all.putIfAbsent("task.name", usualTask(plugins, typed.get("model.path")));
    return JobSpec.parse(EMPTY, plugins.specTypes(), all);
  }

  /** The default task of the model, if its folder can be read. */
  private static String usualTask(Plugins plugins, @Nullable Object model) {
    return model instanceof String folder && Files.isDirectory(Path.of(folder))
        ? new Engine(plugins).usualTask(Path.of(folder))
        : TaskSpec.SEQUENCE_CLASSIFICATION;
  }
}
