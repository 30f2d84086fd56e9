package dev.jlora.cli;

import dev.jlora.engine.adapters.AdapterInfo;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the adapters in folders. */
@Command(
    name = "list",
    description = "List the adapters in folders, one line each. Only headers are read.")
final class AdapterListCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "FOLDER",
      description = "Adapters, runs, or folders that contain such.")
  private List<Path> folders;

  @Option(names = "--json", description = "Print a JSON array instead of lines.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Plugins plugins = Plugins.load();
    List<AdapterInfo> all =
        folders.stream().flatMap(it -> AdapterInfo.below(plugins, it).stream()).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(all) + System.lineSeparator());
    } else {
      all.forEach(info -> out.println(line(info)));
    }
    out.flush();
    return 0;
  }

  /** {@code runs/a lora r=8 query,value 36,864 elements base bert-base}. */
  private static String line(AdapterInfo info) {
    String method = info.method().isEmpty() ? info.peftType() + " (no plugin)" : info.method();
    return String.join(
        "  ",
        List.of(
                info.folder().toString(),
                method + (info.rank().isEmpty() ? "" : " r=" + info.rank()),
                info.targets(),
                Amount.of(info.elements(), "element"),
                info.baseModel().isEmpty() ? "" : "base " + info.baseModel())
            .stream()
            .filter(part -> !part.isEmpty())
            .toList());
  }
}
