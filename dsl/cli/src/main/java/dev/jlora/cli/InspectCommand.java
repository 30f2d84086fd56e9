package dev.jlora.cli;

import dev.jlora.io.Amount;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.FormatException;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.peft.AdapterKeys;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the contents of a weights file or model folder. Only headers are read. */
@Command(
    name = "inspect",
    description = "Show the tensors of a safetensors file, a model folder or an adapter folder.")
final class InspectCommand implements Callable<Integer> {

  @Parameters(paramLabel = "PATH", description = "A file or folder.")
  private Path path;

  @Option(
      names = "--match",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only names that contain this.")
  private String match;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    print(out, entries());
    out.flush();
    return 0;
  }

  private List<SafetensorsFile.Entry> entries() {
    if (Files.isDirectory(path)) {
      if (Files.isRegularFile(path.resolve(AdapterKeys.FILE))) {
        return ofFile(path.resolve(AdapterKeys.FILE));
      }
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        return checkpoint.names().stream().map(checkpoint::entry).toList();
      }
    }
    if (!Files.exists(path)) {
      throw new FormatException(path, "no such file or folder.", "Check the path.");
    }
    return ofFile(path);
  }

  private static List<SafetensorsFile.Entry> ofFile(Path file) {
    try (SafetensorsFile safetensors = SafetensorsFile.open(file)) {
      return new ArrayList<>(safetensors.entries().values());
    }
  }

  private void print(PrintWriter out, List<SafetensorsFile.Entry> all) {
    List<SafetensorsFile.Entry> shown =
        all.stream().filter(entry -> entry.name().contains(match)).toList();
    int width = shown.stream().mapToInt(entry -> entry.name().length()).max().orElse(0);
    Map<String, Integer> types = new TreeMap<>();
    long elements = 0;
    long bytes = 0;
    for (SafetensorsFile.Entry entry : shown) {
      String type = entry.dtype().name().toLowerCase(Locale.ROOT);
      out.printf("%-" + (width + 2) + "s%-10s%s%n", entry.name(), type, entry.shape());
      types.merge(type, 1, Integer::sum);
      elements += entry.shape().stream().reduce(1L, (a, b) -> a * b);
      bytes += entry.bytes();
    }
    out.printf(
        Locale.ROOT,
        "%s %s, %s, %s%n",
        Amount.of(shown.size(), "tensor"),
        types,
        Amount.of(elements, "element"),
        Amount.of(bytes, "byte"));
  }
}
