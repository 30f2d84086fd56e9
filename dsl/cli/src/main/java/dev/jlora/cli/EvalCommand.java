package dev.jlora.cli;

import dev.jlora.engine.Engine;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.training.ConsoleProgress;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.Json;
import dev.jlora.spec.JobSpec;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Evaluates a trained model. */
@JobOptions.For(JobOption.Use.EVALUATE)
@Command(
    name = "eval",
    sortOptions = false,
    description = "Evaluate a trained adapter on labelled rows.")
final class EvalCommand implements Callable<Integer> {
  @Mixin private TrainedSource trained = new TrainedSource();

  private boolean withoutAdapter;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      arity = "0..1",
      fallbackValue = "",
      description =
          "The folder of the base model, if it was moved; without DIR, the same as"
              + " --without-adapter.")
  private void base(String folder) {
    if (folder.isEmpty()) {
      withoutAdapter = true;
    } else {
      trained.base = Path.of(folder);
    }
  }

  @Option(
      names = {"--format", "--test-format"},
      paramLabel = "NAME",
      description = "jsonl, csv, tsv, imagefolder; by default from the file name.")
  private @Nullable String format;

  @Option(names = "--limit", paramLabel = "N", description = "Evaluate on the first N rows only.")
  private @Nullable Integer limit;

  @Option(names = "--without-adapter", description = "Evaluate the base model alone.")
  private void withoutAdapter(boolean given) {
    withoutAdapter |= given;
  }

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Plugins plugins = Plugins.load();
    JobSpec job = trained.job(plugins, overrides());
    Evaluation found = new Engine(plugins).evaluate(job, withoutAdapter ? null : trained.folder);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        json
            ? Json.pretty(found.asLog())
            : "%s, %s%n"
                .formatted(Amount.of(found.rows(), "row"), ConsoleProgress.figures(found.asLog())));
    out.flush();
    return 0;
  }

  private Map<String, @Nullable Object> overrides() {
    Map<String, @Nullable Object> typed = JobOptions.typed(spec);
    if (typed.containsKey("data.test") || format != null) {
      typed.put("data.test_format", format); // that of the job is that of its own file
    }
    if (limit != null) {
      if (typed.containsKey("data.test_limit")) {
        throw new ParameterException(
            spec.commandLine(),
            "got --limit together with --test-limit, expected only one of them");
      }
      typed.put("data.test_limit", limit);
      typed.put("data.validation_limit", limit);
    }
    return typed;
  }
}
