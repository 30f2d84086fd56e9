package dev.jlora.cli;

import dev.jlora.engine.training.StoppedException;
import dev.jlora.host.Failure;
import dev.jlora.spec.PathProblem;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports why a command failed: one clear message, or the stack trace with --stacktrace. */
final class Failures {
  static final int FAILED = 1;

  /** Maximum number of characters in a line of a message. */
  private static final int LINE = 2_000;

  /** Exceptions that indicate a bug, whose messages are not meant for users. */
  private static final List<Class<? extends Throwable>> MISTAKES =
      List.of(
          NullPointerException.class,
          ClassCastException.class,
          IndexOutOfBoundsException.class,
          LinkageError.class,
          AssertionError.class);

  private Failures() {}

  static int report(Exception exception, CommandLine command, ParseResult result) {
    CommandLine root = command;
    while (root.getParent() != null) {
      root = root.getParent();
    }
    PrintWriter err = command.getErr();
    err.println("jlora: " + shortened(OptionNames.of(command).inMessage(text(exception))));
    if (((Main) root.getCommandSpec().userObject()).stackTrace()) {
      exception.printStackTrace(err);
    }
    err.flush();
    return exception instanceof StoppedException stopped ? stopped.exitCode() : FAILED;
  }

  /** Reports an invalid command line in a line or two. */
  static int reportWrongCommand(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("jlora: " + OptionNames.of(command).inUsageError(exception.getMessage()));
    UnmatchedArgumentException.printSuggestions(exception, err);
    err.printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  static String text(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof ExceptionInInitializerError && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof InvalidPathException path) {
      return PathProblem.of(path);
    }
    Throwable found = cause;
    boolean mistake = MISTAKES.stream().anyMatch(type -> type.isInstance(found));
    return mistake || found.getMessage() == null ? mistake(found) : found.getMessage();
  }

  /** Shortens lines: a message may repeat a line of a million characters from a file. */
  static String shortened(String message) {
    return message
        .lines()
        .map(
            line ->
                line.length() <= LINE
                    ? line
                    : line.substring(0, LINE / 2)
                        + " ... "
                        + line.substring(line.length() - LINE / 2))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Attributes a bug to a plugin, to other code, or to jlora. */
  private static String mistake(Throwable failure) {
    Optional<String> jar = Failure.jar(failure);
    if (jar.isPresent()) {
      return failure instanceof LinkageError
          ? "the plugin %s cannot run: %s".formatted(jar.get(), Failure.text(failure))
          : "unexpected %s in the plugin %s; --stacktrace shows where"
              .formatted(failure, jar.get());
    }
    Optional<String> other = Failure.otherCode(failure);
    return other.isPresent()
        ? "unexpected %s in %s; --stacktrace shows where"
            .formatted(Failure.text(failure), other.get())
        : "unexpected %s; this is a mistake in jlora, --stacktrace shows where".formatted(failure);
  }
}
