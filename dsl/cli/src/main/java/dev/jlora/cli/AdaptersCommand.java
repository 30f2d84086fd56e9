package dev.jlora.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists adapters, and makes new ones of files. */
@Command(
    name = "adapters",
    description = "List, show, combine and extract adapters.",
    subcommands = {
      AdapterListCommand.class,
      AdapterShowCommand.class,
      AdapterCombineCommand.class,
      AdapterExtractCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class AdaptersCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    spec.commandLine().usage(out);
    out.flush();
    return 0;
  }
}
