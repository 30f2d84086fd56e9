package dev.jlora.cli;

import dev.jlora.engine.adapters.AdapterWriter;
import dev.jlora.host.Plugins;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.RankChecks;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Extracts an adapter from a fine-tuned model. */
@Command(
    name = "extract",
    description = {
      "Extract a LoRA adapter from the difference of a fine-tuned model and its base.",
      "A head that differs is saved with it. The error of each module is the share of its change",
      "that the rank does not hold."
    })
final class AdapterExtractCommand implements Callable<Integer> {
  private static final int USUAL_RANK = 8;

  @Parameters(index = "0", paramLabel = "BASE", description = "The folder of the base model.")
  private Path base;

  @Parameters(
      index = "1",
      paramLabel = "TUNED",
      description = "The folder of the fine-tuned model.")
  private Path tuned;

  @Option(
      names = "--rank",
      paramLabel = "N",
      description = "Rank of the adapter (default: 8); with --energy the largest one.")
  private @Nullable Integer rank;

  @Option(
      names = "--energy",
      paramLabel = "X",
      description =
          "Share of each change's squared norm to keep: each module gets the rank it needs.")
  private @Nullable Double energy;

  @Option(
      names = "--targets",
      paramLabel = "WHICH",
      description =
          "Comma-separated names, a regular expression, or all-linear; default: the family's.")
  private @Nullable String targets;

  @Option(
      names = "--exclude",
      paramLabel = "WHICH",
      description = "Modules to exclude from the targets.")
  private @Nullable String exclude;

  @Option(
      names = "--modules-to-save",
      paramLabel = "NAME,...",
      split = ",",
      description = "Comma-separated further modules to save in full.")
  private List<String> modulesToSave = List.of();

  @Option(
      names = "--bias",
      paramLabel = "WHICH",
      defaultValue = "none",
      description = "Biases to save: none, all or lora_only (default: ${DEFAULT-VALUE}).")
  private Bias bias;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "The folder to write.")
  private Path output;

  @Option(names = "--json", description = "Print a JSON object instead of lines.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    int most = energy == null ? USUAL_RANK : RankChecks.MAX_RANK;
    LoraSpec settings =
        LoraSpec.builder()
            .rank(rank == null ? most : rank)
            .targets(targets == null ? null : JobOptions.targets(targets))
            .exclude(exclude == null ? null : JobOptions.targets(exclude))
            .modulesToSave(modulesToSave)
            .bias(bias)
            .build();
    WrittenAdapter.print(
        spec,
        new AdapterWriter(Plugins.load()).extract(base, tuned, settings, energy, output),
        json);
    return 0;
  }
}
