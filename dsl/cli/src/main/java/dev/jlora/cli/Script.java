package dev.jlora.cli;

import dev.jlora.io.Printable;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs a jshell script like a program: in this process, stopping at the first snippet that does not
 * compile or throws.
 */
final class Script {
  /** Default imports of a script. */
  static final List<String> IMPORTS =
      List.of(
          "import static dev.jlora.Jlora.*;",
          "import dev.jlora.spec.*;",
          "import java.nio.file.*;",
          "import java.util.*;",
          "import java.util.function.*;",
          "import java.util.stream.*;");

  private final JShell shell;
  private final PrintWriter err;
  private final String name;

  private Script(JShell shell, PrintWriter err, String name) {
    this.shell = shell;
    this.err = err;
    this.name = name;
  }

  /** Runs the text; returns 0, or 1 after reporting an error. */
  static int run(String text, String name, List<String> arguments, CommandSpec spec) {
    try (JShell shell = JShell.builder().executionEngine("local").build()) {
      shell.addToClasspath(System.getProperty("java.class.path"));
      Script script = new Script(shell, spec.commandLine().getErr(), name);
      String list =
          String.join(", ", arguments.stream().map(word -> '"' + escaped(word) + '"').toList());
      return script.evaluate(String.join("\n", IMPORTS))
              && script.evaluate("List<String> arguments = List.of(" + list + ");")
              && script.evaluate(text)
          ? 0
          : Failures.FAILED;
    }
  }

  /** A message may quote what files hold. */
  private static String shown(String message) {
    return String.valueOf(message)
        .lines()
        .map(Printable::line)
        .collect(Collectors.joining(System.lineSeparator()));
  }

  private static String escaped(String word) {
    return word.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private boolean evaluate(String text) {
    SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
    String rest = text;
    while (!rest.isBlank()) {
      CompletionInfo next = analysis.analyzeCompletion(rest);
      boolean complete = next.completeness().isComplete();
      for (SnippetEvent event : shell.eval(complete ? next.source() : rest)) {
        if (!accepted(event)) {
          err.flush();
          return false;
        }
      }
      rest = complete ? next.remaining() : "";
    }
    return true;
  }

  private boolean accepted(SnippetEvent event) {
    if (event.exception() instanceof EvalException thrown) {
      err.printf("jlora: %s: %s%n", name, shown(thrown.getMessage()));
      err.printf(
          "  %s, in: %s%n", thrown.getExceptionClassName(), event.snippet().source().strip());
      return false;
    }
    if (event.exception() != null || event.status() == Snippet.Status.REJECTED) {
      err.printf("jlora: %s: not accepted: %s%n", name, event.snippet().source().strip());
      shell
          .diagnostics(event.snippet())
          .filter(Diag::isError)
          .forEach(problem -> err.printf("  %s%n", shown(problem.getMessage(null))));
      return false;
    }
    return true;
  }
}
