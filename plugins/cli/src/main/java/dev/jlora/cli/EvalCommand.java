package dev.jlora.cli;

import dev.jlora.engine.ConsoleProgress;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Evaluation;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Judges what a run made. */
@Command(name = "eval", description = "Evaluate a trained adapter on labelled rows.")
final class EvalCommand implements Callable<Integer> {
  @Mixin private TrainedSource trained = new TrainedSource();

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Rows, - for standard input; else those of the job.")
  private @Nullable String test;

  @Option(
      names = {"--format", "--test-format"},
      paramLabel = "NAME",
      description = "jsonl, csv, tsv, imagefolder; else by the file's name.")
  private @Nullable String format;

  @Option(
      names = "--delimiter",
      paramLabel = "CHAR",
      description = "Separates the cells of CSV; else told by the first line.")
  private @Nullable String delimiter;

  @Option(names = "--limit", description = "Only the first so many rows.")
  private @Nullable Integer limit;

  @Option(
      names = "--metrics",
      paramLabel = "NAME",
      split = ",",
      description = "What to report; else what the job says.")
  private List<String> metrics = List.of();

  @Option(
      names = "--without-adapter",
      description = "Judge the base alone; so does --base without DIR.")
  private boolean withoutAdapter;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Engine engine = new Engine(Plugins.load());
    JobSpec job = trained.job(engine);
    DataSpec.Builder data = job.data().toBuilder();
    if (test != null) {
      data.test(test);
    }
    if (test != null || format != null) {
      data.testFormat(format);
    }
    JobOptions.set(JobOptions.delimiter(delimiter), data::delimiter);
    if (limit != null) {
      data.testLimit(limit).validationLimit(limit);
    }
    job = job.withData(data.build());
    if (!metrics.isEmpty()) {
      job = job.withTask(job.task().withMetrics(metrics.toArray(String[]::new)));
    }
    Evaluation found =
        engine.evaluate(job, withoutAdapter || trained.baseAlone() ? null : trained.folder);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        json
            ? Json.pretty(found.asLog())
            : "%s, %s%n"
                .formatted(Amount.of(found.rows(), "row"), ConsoleProgress.figures(found.asLog())));
    out.flush();
    return 0;
  }
}
