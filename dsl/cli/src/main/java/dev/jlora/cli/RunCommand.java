package dev.jlora.cli;

import dev.jlora.Jlora;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a user's file, by its ending. */
@Command(name = "run", description = "Run a jshell script, a Java program, or a job.")
final class RunCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "FILE.jsh, FILE.java or JOB.json")
  private Path file;

  @Parameters(
      index = "1..*",
      paramLabel = "ARGUMENT",
      description =
          "All that follows the file: for a Java program, or for a script, which finds it in the"
              + " list 'arguments'.")
  private List<String> arguments = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String ending = dot < 0 ? "" : name.substring(dot);
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(spec.commandLine(), file + ": no such file");
    }
    return switch (ending) {
      case ".jsh" -> Script.run(Files.readString(file), file.toString(), arguments, spec);
      case ".java" -> JavaProgram.run(file, arguments);
      case ".json" -> {
        if (!arguments.isEmpty()) {
          throw new ParameterException(
              spec.commandLine(),
              "got %s after a job, expected nothing; 'jlora train %s OPTION...' replaces its values"
                  .formatted(arguments, file));
        }
        TrainCommand.run(Jlora.job(file), spec.commandLine().getOut());
        yield 0;
      }
      default ->
          throw new ParameterException(
              spec.commandLine(),
              "%s: got the ending '%s', expected .jsh, .java or .json".formatted(file, ending));
    };
  }
}
