package dev.jlora.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a single-file Java program in a separate JVM with jlora on its class path and the options of
 * {@link JavaOptions}.
 */
final class JavaProgram {
  private JavaProgram() {}

  /** Runs it on this process's streams and returns its exit code. */
  static int run(Path file, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JavaOptions.all());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), file.toString()));
    command.addAll(arguments);
    return ChildProcess.run(command);
  }
}
