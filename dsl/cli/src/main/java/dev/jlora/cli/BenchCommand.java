package dev.jlora.cli;

import dev.jlora.engine.BenchmarkSettings;
import dev.jlora.engine.KernelBenchmark;
import dev.jlora.engine.StepBenchmark;
import dev.jlora.engine.StepReport;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.Torch;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Benchmarks this machine. */
@Command(
    name = "bench",
    description = "Measure what this machine does.",
    subcommands = {BenchCommand.StepCommand.class, BenchCommand.KernelsCommand.class},
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
        "Time training steps, and the floor: the step's frozen-weight GEMMs alone.",
        "Both alternate in one process, so that a noisy machine slows both."
      })
  static final class StepCommand implements Callable<Integer> {
    @Option(
        names = "--model",
        defaultValue = "bert-base",
        description =
            "A model's folder, or a known configuration with random weights (default:"
                + " ${DEFAULT-VALUE}).")
    private String model;

    @Option(
        names = "--task",
        defaultValue = TaskSpec.SEQUENCE_CLASSIFICATION,
        description = "Decides the head (default: ${DEFAULT-VALUE}).")
    private String task;

    @Option(
        names = "--batch",
        defaultValue = "8",
        description = "Rows of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
        names = "--length",
        defaultValue = "128",
        description = "Tokens of a row (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
        names = "--precision",
        defaultValue = "fp32",
        description = "fp32, bf16 or fp16 (default: ${DEFAULT-VALUE}).")
    private Precision precision;

    @Option(
        names = "--rank",
        defaultValue = "8",
        description = "Rank of the adapters (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
        names = "--alpha",
        defaultValue = "32",
        description = "Alpha of the adapters (default: ${DEFAULT-VALUE}).")
    private double alpha;

    @Option(
        names = "--dropout",
        defaultValue = "0.1",
        description = "Dropout of the adapters (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
        names = "--targets",
        description = "Names with commas, a regular expression, or all-linear; else the family's.")
    private @Nullable String targets;

    @Option(
        names = "--steps",
        defaultValue = "9",
        description = "How many steps are timed (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--threads", description = "Default: one per core.")
    private @Nullable Integer threads;

    @Option(
        names = "--seed",
        defaultValue = "42",
        description = "Of weights, input and dropout (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
        names = "--device",
        defaultValue = "auto",
        description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
        names = "--gradient-checkpointing",
        description = "Compute blocks again in backward: less memory, more time.")
    private boolean gradientCheckpointing;

    @Option(
        names = "--cuda-graphs",
        paramLabel = "WHEN",
        defaultValue = TrainingSpec.OFF,
        description =
            "auto: the timed steps are recorded on a GPU, as in training (default:"
                + " ${DEFAULT-VALUE}).")
    private String cudaGraphs;

    @Option(
        names = "--profile",
        description = "Also say where the time of a step goes: GEMM, attention, dropout and so on.")
    private boolean profile;

    @Option(names = "--json", description = "One JSON object for machines, in place of text.")
    private boolean json;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      if (threads != null) {
        Torch.threads(threads);
      }
      LoraSpec.Builder lora = LoraSpec.builder().rank(rank).alpha(alpha).dropout(dropout);
      if (targets != null) {
        lora = lora.targets(JobOptions.targets(targets));
      }
      StepReport report =
          new StepBenchmark(Plugins.load(), profile)
              .run(
                  new BenchmarkSettings(
                      model,
                      task,
                      batch,
                      length,
                      precision,
                      lora.build(),
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
  }

  /** Compares the kernels of a step with the memory bandwidth of the device. */
  @Command(
      name = "kernels",
      description = {
        "Time the kernels that a step is made of beside its products: the bytes that each has to",
        "move, by its time, beside the rate of a plain copy. Means something on a GPU alone."
      })
  static final class KernelsCommand implements Callable<Integer> {
    @Option(
        names = "--device",
        defaultValue = "auto",
        description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--json", description = "One JSON object for machines, in place of text.")
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
