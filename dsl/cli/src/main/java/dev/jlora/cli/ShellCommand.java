package dev.jlora.cli;

import dev.jlora.engine.training.ConsoleProgress;
import dev.jlora.io.TerminalStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jshell.tool.JavaShellToolBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * jshell with jlora on the class path and imported. Snippets run in a separate JVM with the options
 * of {@link JavaOptions}.
 */
@Command(
    name = "shell",
    customSynopsis = "jlora shell [ARGUMENT of jshell...]",
    description = "Open jshell with everything imported.")
final class ShellCommand implements Callable<Integer> {
  /** Silenced, because the first start would report the folder it created for its history. */
  private static final Logger PREFERENCES = Logger.getLogger("java.util.prefs");

  private static final String GREETING =
      """
      System.out.println(\"""
          jlora is imported. A job (lines end with a dot, so that jshell reads on):

            var job = finetune("examples/models/bert-tiny-imdb").
                task(sequenceClassification("negative", "positive")).
                adapter(lora().rank(8).alpha(32).targets("query", "value")).
                data(jsonl("examples/data/reviews-train.jsonl").test("examples/data/reviews-test.jsonl")).
                train(t -> t.epochs(1).batch(16).learningRate(1e-3))

          job.plan() shows what it would do, job.run() runs it.\""");
      """;

  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    PREFERENCES.setLevel(Level.WARNING);
    Path startup = Files.createTempFile("jlora", ".jsh");
    try {
      Files.writeString(startup, String.join("\n", Script.IMPORTS) + "\n" + GREETING);
      List<String> all = new ArrayList<>();
      all.addAll(List.of("--class-path", classPath()));
      all.addAll(List.of("--startup", "DEFAULT", "--startup", startup.toString()));
      JavaOptions.all().forEach(option -> all.add("-R" + option));
      if (ConsoleProgress.onTerminal()) {
        all.add("-R-Djlora.shell.terminal=true");
      }
      all.addAll(arguments);
      return JavaShellToolBuilder.builder()
          .out(echo(System.out), System.out, System.out)
          .start(all.toArray(String[]::new));
    } finally {
      Files.deleteIfExists(startup);
    }
  }

  /**
   * The stream for the values that jshell displays, with escaped control characters: a label or a
   * path may hold any. What a snippet prints itself is unchanged.
   */
  private static PrintStream echo(PrintStream out) {
    return new PrintStream(new TerminalStream(out), /* autoFlush= */ true, out.charset());
  }

  /** The class path of this process without missing entries, which jshell rejects, unlike java. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> Files.exists(Path.of(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
