package dev.jlora.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Tells a user why a command failed: one clear message, or all of it with --stacktrace. */
final class Failures {
  static final int FAILED = 1;

  /** Exceptions that mean a mistake of ours, whose message says little to a user. */
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
    err.println("jlora: " + text(exception));
    if (((Main) root.getCommandSpec().userObject()).stackTrace()) {
      exception.printStackTrace(err);
    }
    err.flush();
    return FAILED;
  }

  static String text(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof ExceptionInInitializerError && cause.getCause() != null) {
      cause = cause.getCause();
    }
    Throwable found = cause;
    boolean mistake = MISTAKES.stream().anyMatch(type -> type.isInstance(found));
    if (mistake || found.getMessage() == null) {
      return "unexpected %s; this is a mistake in jlora, --stacktrace shows where".formatted(found);
    }
    return found.getMessage();
  }
}
