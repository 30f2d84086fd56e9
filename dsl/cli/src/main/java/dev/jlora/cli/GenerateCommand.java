package dev.jlora.cli;

import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.generation.Generated;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.Precision;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues texts with a language model. */
@Command(name = "generate", description = "Continue texts with a language model.")
final class GenerateCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A model folder, or the output folder of a causal-lm run.")
  private Path folder;

  @Parameters(
      index = "1..*",
      paramLabel = "PROMPT",
      description = "Texts, each in quotes; - reads one text from standard input.")
  private List<String> prompts = List.of();

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "The folder of the base model, if it was moved.")
  private @Nullable Path base;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Maximum number of tokens after a prompt; default: 64.")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0",
      description = "0 (the default) takes the most probable token; 1 samples by probability.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Sample from the N most probable tokens; 0 for all.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      defaultValue = "1",
      description = "Sample from the most probable tokens that together reach this probability.")
  private double topP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "Above 1, tokens that occurred before become less probable.")
  private double repetitionPenalty;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "A text that ends an answer; may be repeated.")
  private List<String> stop = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed for sampling; default: 42.")
  private long seed;

  @Option(
      names = "--no-cache",
      description = "Process all tokens again for each new one: slower, but works without a cache.")
  private boolean noCache;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "fp32, bf16 or fp16 (default: that of the model's weights or of the run).")
  private @Nullable Precision precision;

  @Option(names = "--json", description = "Print a JSON array with all answers.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (prompts.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "got no prompt, expected one or more after MODEL");
    }
    refuseUnusedChoice();
    var settings =
        new GenerationSettings(
            maxNewTokens, temperature, topK, topP, repetitionPenalty, stop, seed, !noCache);
    prompts = StandardInput.whole(prompts);
    PrintWriter out = spec.commandLine().getOut();
    try (var generator = TextGenerator.open(Plugins.load(), folder, base, device, precision)) {
      if (json) {
        out.print(Json.pretty(generator.generate(prompts, settings, (_, _) -> {})));
      } else if (prompts.size() == 1) {
        stream(generator, settings, out);
      } else {
        for (Generated answer : generator.generate(prompts, settings, (_, _) -> {})) {
          out.println(answer.prompt() + answer.text());
        }
      }
    }
    out.flush();
    return 0;
  }

  /** Rejects options of sampling without a temperature. */
  private void refuseUnusedChoice() {
    List<String> unused =
        Stream.of("--top-k", "--top-p")
            .filter(spec.commandLine().getParseResult()::hasMatchedOption)
            .toList();
    if (temperature == 0 && !unused.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "got %s with a temperature of 0, which always takes the most probable token; add --temperature, such as 0.8, to sample tokens"
              .formatted(String.join(" and ", unused)));
    }
  }

  /** Prints a single text as it is generated. */
  private void stream(TextGenerator generator, GenerationSettings settings, PrintWriter out) {
    out.print(prompts.getFirst());
    out.flush();
    generator.generate(
        prompts,
        settings,
        (_, text) -> {
          out.print(text);
          out.flush();
        });
    out.println();
  }
}
