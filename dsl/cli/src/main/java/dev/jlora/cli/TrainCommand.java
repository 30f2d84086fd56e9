package dev.jlora.cli;

import dev.jlora.engine.Engine;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.training.ConsoleProgress;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.spec.JobSpec;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains an adapter, and evaluates it if there are test rows. */
@JobOptions.For(JobOption.Use.TRAIN)
@Command(
    name = "train",
    sortOptions = false,
    description = "Train from a job file, from options, or from both: options override its values.")
final class TrainCommand implements Callable<Integer> {
  @Mixin private JobSource source = new JobSource();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    run(source.job(), spec.commandLine().getOut());
    return 0;
  }

  /** Trains a job and reports the progress. */
  static Run run(JobSpec job, PrintWriter out) {
    Engine engine = new Engine(Plugins.load());
    JobPlan plan = engine.prepare(job);
    out.println(plan.summary());
    out.flush();
    Run run;
    try (ConsoleProgress progress = new ConsoleProgress(out, ConsoleProgress.onTerminal())) {
      run = engine.train(plan, progress);
    }
    out.printf(
        Locale.ROOT,
        "trained %s%s in %.1f s; saved in %s%n",
        Amount.of(run.steps() - run.resumedAt(), "step"),
        run.resumedAt() > 0 ? " (resumed at step %d)".formatted(run.resumedAt()) : "",
        run.seconds(),
        run.adapter());
    if (job.data().test() != null) {
      Evaluation evaluation = engine.evaluate(job, run.adapter());
      out.println(
          "test: %s, %s"
              .formatted(
                  Amount.of(evaluation.rows(), "row"),
                  ConsoleProgress.figures(evaluation.asLog())));
    }
    out.flush();
    return run;
  }
}
