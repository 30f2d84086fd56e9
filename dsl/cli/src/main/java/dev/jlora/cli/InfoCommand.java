package dev.jlora.cli;

import dev.jlora.backend.DeviceSupport;
import dev.jlora.host.FoundPlugin;
import dev.jlora.host.PluginFolder;
import dev.jlora.host.PluginSearch;
import dev.jlora.natives.NativeTorch;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Torch;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows versions, libtorch, devices, threads and plugins. */
@Command(name = "info", description = "Show versions, libtorch, devices, threads and plugins.")
final class InfoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    line(out, "jlora", Version.text());
    line(
        out,
        "java",
        "%s (%s)".formatted(Runtime.version(), System.getProperty("java.vm.vendor", "unknown")));
    line(
        out,
        "system",
        "%s %s, %d processors, %,d MiB heap at most"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20));
    NativeTorch natives = NativeTorch.load();
    line(out, "libtorch", "C ABI of " + Torch.version());
    line(out, "from", natives.source().toString().toLowerCase(java.util.Locale.ROOT));
    line(out, "folder", natives.folder().toString());
    line(out, "large tensors", natives.heap().description());
    line(out, "threads", Integer.toString(Torch.threads()));
    for (String text : DeviceSupport.of(Device.Kind.CUDA).report()) {
      line(out, "gpu", text);
    }
    line(out, "plugin folder", PluginFolder.path().toString());
    PluginSearch search = PluginSearch.here();
    for (FoundPlugin plugin : search.found()) {
      line(out, "plugin", "%s (%s)".formatted(plugin.name(), plugin.source()));
    }
    search.warnings().forEach(warning -> line(out, "warning", warning));
    search.problems().forEach(problem -> line(out, "problem", problem.getMessage()));
    out.flush();
    return 0;
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("%-14s %s%n", name, value);
  }
}
