package dev.jlora.cli;

import dev.jlora.spec.Interval;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code jlora}: without a command it says which there are. */
@Command(
    name = "jlora",
    description = "LoRA fine-tuning for BERT, GPT and ViT in pure Java.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed, with the reason in one line", "2:wrong command line"},
    subcommands = {
      TrainCommand.class,
      EvalCommand.class,
      PredictCommand.class,
      GenerateCommand.class,
      MergeCommand.class,
      PlanCommand.class,
      RunCommand.class,
      ShellCommand.class,
      QuickstartCommand.class,
      InspectCommand.class,
      InfoCommand.class,
      ConformanceCommand.class,
      BenchCommand.class,
      HelpCommand.class,
      GenerateCompletion.class,
    })
public final class Main implements Callable<Integer> {
  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where an error came from.")
  private boolean stackTrace;

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String... arguments) {
    System.exit(execute(arguments));
  }

  private static int execute(String... arguments) {
    try {
      return commandLine().execute(arguments);
    } catch (OutOfMemoryError | LinkageError e) {
      System.err.println("jlora: " + Failures.text(e));
      return Failures.FAILED;
    }
  }

  /** The command line, ready to execute; its streams can be set. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Interval.class, Main::interval);
    line.setExecutionExceptionHandler(Failures::report);
    line.setParameterExceptionHandler(Failures::reportWrongCommand);
    return line;
  }

  private static Interval interval(String text) {
    try {
      return Interval.of(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    spec.commandLine().usage(out);
    out.flush();
    return 0;
  }

  boolean stackTrace() {
    return stackTrace;
  }
}
