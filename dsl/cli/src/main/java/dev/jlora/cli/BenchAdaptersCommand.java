package dev.jlora.cli;

import dev.jlora.engine.benchmarks.AdapterBenchmark;
import dev.jlora.engine.benchmarks.AdapterBenchmarkSettings;
import dev.jlora.engine.benchmarks.AdapterReport;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.Torch;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times batches whose rows have different adapters, and switching among loaded adapters. */
@Command(
    name = "adapters",
    description = {
      "Time a batch with a LoRA adapter per row, and switching among loaded adapters.",
      "Compared with one adapter for all rows, and with one row at a time, in one process."
    })
final class BenchAdaptersCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "bert-base",
      description =
          "A model's folder, or a known configuration with random weights (default:"
              + " ${DEFAULT-VALUE}).")
  private String model;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = TaskSpec.SEQUENCE_CLASSIFICATION,
      description = "The task, which determines the head (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "32",
      description = "Rows of the batch (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--adapters",
      paramLabel = "N",
      defaultValue = "8",
      description = "Adapters among the rows (default: ${DEFAULT-VALUE}).")
  private int adapters;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "32",
      description = "Tokens per row (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "fp32",
      description = "fp32, bf16 or fp16 (default: ${DEFAULT-VALUE}).")
  private Precision precision;

  @Option(
      names = "--rank",
      paramLabel = "N",
      defaultValue = "8",
      description = "Rank of the adapters (default: ${DEFAULT-VALUE}).")
  private int rank;

  @Option(
      names = "--targets",
      paramLabel = "WHICH",
      description =
          "Comma-separated names, a regular expression, or all-linear; default: the family's.")
  private @Nullable String targets;

  @Option(
      names = "--loaded",
      paramLabel = "N",
      defaultValue = "100",
      description = "Adapters to switch between (default: ${DEFAULT-VALUE}).")
  private int loaded;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "9",
      description = "Number of timed batches of each kind (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one per core.")
  private @Nullable Integer threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed for weights, input and adapters (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(names = "--json", description = "Print a JSON object instead of text.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (threads != null) {
      Torch.threads(threads);
    }
    LoraSpec.Builder lora = LoraSpec.builder().rank(rank).alpha(2.0 * rank);
    if (targets != null) {
      lora = lora.targets(JobOptions.targets(targets));
    }
    AdapterReport report =
        new AdapterBenchmark(Plugins.load())
            .run(
                new AdapterBenchmarkSettings(
                    model,
                    task,
                    rows,
                    adapters,
                    length,
                    precision,
                    lora.build(),
                    loaded,
                    runs,
                    seed,
                    device));
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? Json.pretty(report) + System.lineSeparator() : report.text());
    out.flush();
    return 0;
  }
}
