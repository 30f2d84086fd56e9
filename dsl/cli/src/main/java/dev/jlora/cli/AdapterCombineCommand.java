package dev.jlora.cli;

import dev.jlora.engine.adapters.AdapterCombiner.Weighted;
import dev.jlora.engine.adapters.AdapterWriter;
import dev.jlora.host.Plugins;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationSpec.MajoritySign;
import dev.jlora.spec.CombinationType;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Combines adapters into a new one. */
@Command(
    name = "combine",
    description = {
      "Combine LoRA adapters of one base model into a new one, with weights.",
      "The error of each module is the distance from the exact weighted sum of the updates."
    })
final class AdapterCombineCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "ADAPTER[=WEIGHT]",
      description = "Adapter folders; weights may be negative (default: 1).")
  private List<String> adapters;

  @Option(
      names = "--type",
      paramLabel = "NAME",
      defaultValue = "svd",
      description = {
        "linear, cat, svd, ties, ties_svd, dare_linear, dare_ties, dare_linear_svd, dare_ties_svd,",
        "magnitude_prune or magnitude_prune_svd, as in PEFT (default: ${DEFAULT-VALUE})."
      })
  private String type;

  @Option(
      names = "--svd-rank",
      paramLabel = "N",
      description = "Rank of the svd types (default: the largest of the adapters).")
  private @Nullable Integer svdRank;

  @Option(
      names = "--svd-clamp",
      paramLabel = "X",
      description = "Quantile at which the svd types clamp the values of the factors.")
  private @Nullable Double svdClamp;

  @Option(
      names = "--density",
      paramLabel = "X",
      description = "Share of the values that the ties, dare and magnitude types keep.")
  private @Nullable Double density;

  @Option(
      names = "--majority-sign",
      paramLabel = "HOW",
      defaultValue = "total",
      description = "How ties elects signs: total or frequency (default: ${DEFAULT-VALUE}).")
  private MajoritySign majoritySign;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the dare types (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--combine-heads",
      description = "Take the weighted mean of modules that several adapters train in full.")
  private boolean combineHeads;

  @Option(
      names = "--peft-scaling",
      description = "Reproduce PEFT's errors of scaling, for the same numbers.")
  private boolean peftScaling;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "The folder of the base model, if it was moved.")
  private @Nullable Path base;

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
    CombinationSpec settings =
        new CombinationSpec(
            CombinationType.of(type),
            svdRank,
            svdClamp,
            density,
            majoritySign,
            seed,
            combineHeads,
            peftScaling);
    List<Weighted> parts = adapters.stream().map(AdapterCombineCommand::part).toList();
    WrittenAdapter.print(
        spec, new AdapterWriter(Plugins.load()).combine(parts, settings, base, output), json);
    return 0;
  }

  /** A folder and, after the last equals sign, a number. */
  private static Weighted part(String text) {
    int equals = text.lastIndexOf('=');
    if (equals > 0) {
      try {
        double weight = Double.parseDouble(text.substring(equals + 1));
        return new Weighted(Path.of(text.substring(0, equals)), weight);
      } catch (NumberFormatException e) { // the sign belongs to the name
      }
    }
    return new Weighted(Path.of(text), 1);
  }
}
