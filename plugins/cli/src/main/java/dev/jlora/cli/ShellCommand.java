package dev.jlora.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import jdk.jshell.tool.JavaShellToolBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** jshell with jlora on the class path and imported. */
@Command(name = "shell", description = "Open jshell with everything imported.")
final class ShellCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ARGUMENT", description = "Passed on to jshell.")
  private List<String> arguments = List.of();

  @Override
  public Integer call() throws Exception {
    Path startup = Files.createTempFile("jlora", ".jsh");
    try {
      Files.write(startup, Script.IMPORTS);
      List<String> all = new ArrayList<>();
      all.addAll(List.of("--class-path", System.getProperty("java.class.path")));
      all.addAll(List.of("--startup", "DEFAULT", "--startup", startup.toString()));
      all.addAll(
          List.of(
              "-R--enable-native-access=ALL-UNNAMED", "-R--sun-misc-unsafe-memory-access=allow"));
      all.addAll(arguments);
      return JavaShellToolBuilder.builder().start(all.toArray(String[]::new));
    } finally {
      Files.deleteIfExists(startup);
    }
  }
}
