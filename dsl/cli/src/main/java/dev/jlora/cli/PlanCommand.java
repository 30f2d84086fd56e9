package dev.jlora.cli;

import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.spec.JobSpec;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what a job would do, without reading weights. */
@JobOptions.For(JobOption.Use.TRAIN)
@Command(
    name = "plan",
    sortOptions = false,
    description = "Show what a job will load and train, without reading weights.")
final class PlanCommand implements Callable<Integer> {
  @Mixin private JobSource source = new JobSource();

  @Option(names = "--print", description = "Print the job as JSON instead of the plan.")
  private boolean print;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JobSpec job = source.job();
    out.println(print ? job.json() : new Engine(Plugins.load()).forecast(job));
    out.flush();
    return 0;
  }
}
