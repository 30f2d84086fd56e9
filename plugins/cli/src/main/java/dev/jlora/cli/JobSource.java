package dev.jlora.cli;

import dev.jlora.Jlora;
import dev.jlora.spec.JobSpec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A job from a file or from options. */
final class JobSource {
  @Parameters(
      arity = "0..1",
      paramLabel = "JOB.json",
      description = "A job as JSON, in place of the options.")
  private @Nullable Path file;

  @Mixin private JobOptions options = new JobOptions();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * The job.
   *
   * @throws ParameterException if neither a file nor a model is given, or both are
   * @throws dev.jlora.spec.SpecException with everything that is wrong with the options
   * @throws dev.jlora.io.FormatException naming the file that is missing or wrong
   */
  JobSpec job() {
    if ((file == null) == (options.model == null)) {
      throw new ParameterException(
          command.commandLine(),
          file == null
              ? "got no job, expected JOB.json or --model DIR with --train FILE"
              : "got JOB.json and --model, expected one of them");
    }
    return file == null ? options.spec() : Jlora.job(file);
  }
}
