package dev.jlora.cli;

import dev.jlora.engine.conformance.CaseResult;
import dev.jlora.engine.conformance.Conformance;
import dev.jlora.engine.models.Devices;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares this machine's results with reference cases. */
@Command(
    name = "conformance",
    description = {
      "Run the reference cases below a folder, one line each.",
      "Exits with 1 if a case fails or is unknown."
    })
final class ConformanceCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "A folder with cases, at any depth.")
  private Path folder;

  @Option(names = "--json", description = "Print a JSON object instead of lines.")
  private boolean json;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}).")
  private String device;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<CaseResult> results =
        new Conformance(Plugins.load(), Devices.of(device))
            .run(
                folder,
                result -> {
                  if (!json) {
                    out.println(result.line());
                    out.flush();
                  }
                });
    if (json) {
      out.print(Json.pretty(report(results)));
    } else {
      out.println(summary(results));
    }
    out.flush();
    return Conformance.exitCode(results);
  }

  private Map<String, Object> report(List<CaseResult> results) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("device", device);
    report.put("cases", results);
    count(results).forEach((status, number) -> report.put(word(status), number));
    return report;
  }

  private static String summary(List<CaseResult> results) {
    StringBuilder text = new StringBuilder(results.size() + " cases:");
    count(results)
        .forEach((status, number) -> text.append(" %d %s".formatted(number, word(status))));
    return text.toString();
  }

  private static Map<CaseResult.Status, Integer> count(List<CaseResult> results) {
    Map<CaseResult.Status, Integer> numbers = new EnumMap<>(CaseResult.Status.class);
    for (CaseResult.Status status : CaseResult.Status.values()) {
      numbers.put(status, 0);
    }
    results.forEach(result -> numbers.merge(result.status(), 1, Integer::sum));
    return numbers;
  }

  private static String word(CaseResult.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
