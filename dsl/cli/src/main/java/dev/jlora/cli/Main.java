package dev.jlora.cli;

import dev.jlora.engine.training.ConsoleProgress;
import dev.jlora.engine.training.Signals;
import dev.jlora.io.TerminalStream;
import dev.jlora.natives.NativeTorch;
import dev.jlora.spec.Interval;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
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

/** The {@code jlora} command; without a subcommand it lists the commands. */
@Command(
    name = "jlora",
    description = "LoRA fine-tuning in pure Java.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed, with a message",
      "2:invalid command line",
      "130, 143:stopped by SIGINT, SIGTERM"
    })
public final class Main implements Callable<Integer> {
  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean stackTrace;

  @Spec private CommandSpec spec;

  /** The commands by name, in the order of the help. */
  private static final Map<String, Class<?>> COMMANDS = commands();

  /** Commands that always need libtorch. */
  private static final Set<String> COMPUTING =
      Set.of(
          "train",
          "eval",
          "predict",
          "generate",
          "merge",
          "quickstart",
          "info",
          "conformance",
          "bench");

  /** Commands whose output is that of the user's code. */
  private static final Set<String> USERS = Set.of("run", "shell");

  private Main() {}

  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    commands.put("train", TrainCommand.class);
    commands.put("eval", EvalCommand.class);
    commands.put("predict", PredictCommand.class);
    commands.put("generate", GenerateCommand.class);
    commands.put("merge", MergeCommand.class);
    commands.put("adapters", AdaptersCommand.class);
    commands.put("plan", PlanCommand.class);
    commands.put("run", RunCommand.class);
    commands.put("shell", ShellCommand.class);
    commands.put("quickstart", QuickstartCommand.class);
    commands.put("inspect", InspectCommand.class);
    commands.put("info", InfoCommand.class);
    commands.put("conformance", ConformanceCommand.class);
    commands.put("bench", BenchCommand.class);
    commands.put("help", HelpCommand.class);
    commands.put("generate-completion", GenerateCompletion.class);
    return commands;
  }

  /** Runs the command and exits the process with its exit code. */
  public static void main(String... arguments) throws InterruptedException {
    System.setProperty(Signals.PROPERTY, "true");
    boolean computes = arguments.length > 0 && COMPUTING.contains(arguments[0]);
    Thread loading = computes ? NativeTorch.loadAhead() : null;
    boolean users = arguments.length > 0 && USERS.contains(arguments[0]);
    if (!users) {
      Signals.endProcess();
    }
    if (!users && ConsoleProgress.onTerminal()) {
      System.setOut(guarded(FileDescriptor.out, System.out));
      System.setErr(guarded(FileDescriptor.err, System.err));
    }
    int code = execute(arguments);
    if (loading != null) {
      loading.join();
      NativeTorch.prepareExit();
    }
    System.exit(code);
  }

  /** Escapes control characters on a terminal. */
  private static PrintStream guarded(FileDescriptor stream, PrintStream like) {
    return new PrintStream(
        new TerminalStream(new BufferedOutputStream(new FileOutputStream(stream))),
        /* autoFlush= */ true,
        like.charset());
  }

  private static int execute(String... arguments) {
    try {
      return commandLineFor(arguments).execute(arguments);
    } catch (OutOfMemoryError | LinkageError e) {
      System.err.println("jlora: " + Failures.text(e));
      return Failures.FAILED;
    }
  }

  /** The command line, ready to execute; its streams can be set. */
  public static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * The command line with only the commands that these arguments need: reading the annotations of a
   * command takes longer than many a command runs.
   */
  static CommandLine commandLineFor(String... arguments) {
    Class<?> command = arguments.length == 0 ? null : COMMANDS.get(arguments[0]);
    boolean alone = command != null && command.getPackage() == Main.class.getPackage();
    return commandLine(alone ? Map.of(arguments[0], command) : COMMANDS);
  }

  private static CommandLine commandLine(Map<String, Class<?>> commands) {
    CommandLine line = new CommandLine(new Main());
    commands.forEach(line::addSubcommand);
    line.getSubcommands().values().forEach(each -> JobOptions.addTo(each.getCommandSpec()));
    CommandLine run = line.getSubcommands().get("run");
    if (run != null) {
      run.setStopAtPositional(true); // options behind the file are for what is in it
    }
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
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
