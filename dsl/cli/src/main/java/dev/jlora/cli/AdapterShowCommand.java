package dev.jlora.cli;

import dev.jlora.engine.adapters.AdapterInfo;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows an adapter. */
@Command(
    name = "show",
    description = "Show an adapter's settings and tensors. Only headers are read.")
final class AdapterShowCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "An adapter, or the output folder of a run.")
  private Path folder;

  @Option(names = "--json", description = "Print a JSON object instead of lines.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    AdapterInfo info = AdapterInfo.of(Plugins.load(), folder);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(info) + System.lineSeparator());
    } else {
      text(info, out);
    }
    out.flush();
    return 0;
  }

  private static void text(AdapterInfo info, PrintWriter out) {
    out.println("method: " + (info.method().isEmpty() ? "no plugin's" : info.method()));
    out.println("peft_type: " + info.peftType());
    out.println("base model: " + (info.baseModel().isEmpty() ? "not named" : info.baseModel()));
    if (!info.taskType().isEmpty()) {
      out.println("task_type: " + info.taskType());
    }
    info.settings().forEach((key, value) -> out.println(key + ": " + value));
    info.tensors().forEach((key, shape) -> out.println("  " + key + " " + shape));
    out.println(
        "%s, %s, %s"
            .formatted(
                Amount.of(info.tensors().size(), "tensor"),
                Amount.of(info.elements(), "element"),
                Amount.of(info.bytes(), "byte")));
  }
}
