package dev.jlora.cli;

import dev.jlora.engine.benchmarks.BenchmarkSettings;
import dev.jlora.engine.benchmarks.KernelBenchmark;
import dev.jlora.engine.benchmarks.StepBenchmark;
import dev.jlora.engine.benchmarks.StepReport;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.Torch;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Benchmarks this machine. */
@Command(
    name = "bench",
    description = "Run benchmarks on this machine.",
    subcommands = {
      BenchCommand.StepCommand.class,
      BenchCommand.KernelsCommand.class,
      BenchAdaptersCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    spec.commandLine().usage(out);
    out.flush();
    return 0;
  }

  /** Compares a training step with its frozen GEMMs. */
  @Command(
      name = "step",
      description = {
        "Time training steps, and their floor: only the GEMMs with frozen weights.",
        "Both alternate in one process, so that a noisy machine slows both."
      })
  static final class StepCommand implements Callable<Integer> {
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
        names = "--batch",
        paramLabel = "N",
        defaultValue = "8",
        description = "Rows per step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
        names = "--length",
        paramLabel = "N",
        defaultValue = "128",
        description = "Tokens per row (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
        names = "--precision",
        paramLabel = "TYPE",
        defaultValue = "fp32",
        description = "fp32, bf16 or fp16 (default: ${DEFAULT-VALUE}).")
    private Precision precision;

    @Option(
        names = "--method",
        paramLabel = "NAME",
        defaultValue = LoraSpec.METHOD,
        description = "The adapter method (default: ${DEFAULT-VALUE}).")
    private String method;

    @Option(
        names = "--settings",
        paramLabel = "JSON",
        defaultValue = "{}",
        description = "Settings of the method as in a job: '{\"reduction_factor\": 4}'.")
    private String settings;

    @Option(
        names = "--rank",
        paramLabel = "N",
        description = "Rank of the adapters; default: 8 for LoRA, else the method's.")
    private @Nullable Integer rank;

    @Option(
        names = "--alpha",
        paramLabel = "X",
        description = "Alpha of the adapters; default: 32 for LoRA, else the method's.")
    private @Nullable Double alpha;

    @Option(
        names = "--dropout",
        paramLabel = "X",
        description = "Dropout of the adapters; default: 0.1 for LoRA, else the method's.")
    private @Nullable Double dropout;

    @Option(
        names = "--targets",
        paramLabel = "WHICH",
        description =
            "Comma-separated names, a regular expression, or all-linear; default: the family's.")
    private @Nullable String targets;

    @Option(
        names = "--steps",
        paramLabel = "N",
        defaultValue = "9",
        description = "Number of timed steps (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--threads", paramLabel = "N", description = "Default: one per core.")
    private @Nullable Integer threads;

    @Option(
        names = "--seed",
        paramLabel = "N",
        defaultValue = "42",
        description = "Seed for weights, input and dropout (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
        names = "--device",
        paramLabel = "NAME",
        defaultValue = "auto",
        description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
        names = "--gradient-checkpointing",
        description = "Recompute blocks in the backward pass: less memory, more time.")
    private boolean gradientCheckpointing;

    @Option(
        names = "--cuda-graphs",
        paramLabel = "WHEN",
        defaultValue = TrainingSpec.OFF,
        description =
            "auto: capture the timed steps on a GPU, as in training (default:"
                + " ${DEFAULT-VALUE}).")
    private String cudaGraphs;

    @Option(
        names = "--profile",
        description =
            "Also show where the time of a step goes: GEMM, attention, dropout and so on.")
    private boolean profile;

    @Option(names = "--json", description = "Print a JSON object instead of text.")
    private boolean json;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      if (threads != null) {
        Torch.threads(threads);
      }
      Plugins plugins = Plugins.load();
      StepReport report =
          new StepBenchmark(plugins, profile)
              .run(
                  new BenchmarkSettings(
                      model,
                      task,
                      batch,
                      length,
                      precision,
                      BenchAdapter.of(plugins.specTypes(), method, settings, typed()),
                      steps,
                      seed,
                      device,
                      gradientCheckpointing,
                      cudaGraphs));
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? Json.pretty(report) + System.lineSeparator() : report.text());
      out.flush();
      return 0;
    }

    private Map<String, @Nullable Object> typed() {
      Map<String, @Nullable Object> typed = new LinkedHashMap<>();
      typed.put("rank", rank);
      typed.put("alpha", alpha);
      typed.put("dropout", dropout);
      typed.put("target_modules", targets == null ? null : JobOptions.targets(targets).json());
      return typed;
    }
  }

  /** Compares the kernels of a step with the memory bandwidth of the device. */
  @Command(
      name = "kernels",
      description = {
        "Time the kernels of a step other than its products.",
        "Prints the bytes each has to move, divided by its time, and the rate of a plain copy.",
        "Useful on a GPU only."
      })
  static final class KernelsCommand implements Callable<Integer> {
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
      KernelBenchmark.Report report = KernelBenchmark.run(device);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? Json.pretty(report) + System.lineSeparator() : report.text());
      out.flush();
      return 0;
    }
  }
}
