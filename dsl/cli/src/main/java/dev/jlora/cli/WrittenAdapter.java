package dev.jlora.cli;

import dev.jlora.engine.adapters.AdapterWriter.Written;
import dev.jlora.engine.adapters.ModuleUpdate;
import dev.jlora.io.Json;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** Prints what a command wrote: a line for each module of an adapter. */
final class WrittenAdapter {
  private WrittenAdapter() {}

  static void print(CommandSpec spec, Written written, boolean json) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(written) + System.lineSeparator());
    } else {
      for (ModuleUpdate module : written.modules()) {
        out.println(
            String.format(
                Locale.ROOT,
                "%s  rank %d  error %.2g",
                module.module(),
                module.rank(),
                module.error()));
      }
      if (!written.lost().isEmpty()) {
        out.println("differ, but are not in the adapter: " + String.join(", ", written.lost()));
      }
      out.println("adapter in " + written.folder());
    }
    out.flush();
  }
}
