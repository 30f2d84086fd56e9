package dev.jlora.engine.training;

import dev.jlora.io.Printable;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shows the progress of a run: a bar on a terminal, and log lines. */
public final class ConsoleProgress implements Callback, AutoCloseable {
  /** Set by the shell for the process that runs its snippets, which has no terminal itself. */
  private static final boolean SHELL = Boolean.getBoolean("jlora.shell.terminal");

  private final PrintWriter out;
  private final @Nullable PrintWriter terminal;
  private @Nullable ProgressLine bar;

  /**
   * @param out destination of log lines
   * @param terminal whether to draw a bar on the error stream
   */
  public ConsoleProgress(PrintWriter out, boolean terminal) {
    this(out, terminal ? errors() : null);
  }

  /**
   * @param terminal destination of the bar; null for none
   */
  ConsoleProgress(PrintWriter out, @Nullable PrintWriter terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** The raw error stream: the bar moves the cursor, unlike the guarded streams. */
  private static PrintWriter errors() {
    return SHELL
        ? new PrintWriter(System.err)
        : new PrintWriter(new FileOutputStream(FileDescriptor.err));
  }

  /** Progress on standard output, with a bar if that is a terminal. */
  public static ConsoleProgress onStandardOutput() {
    return new ConsoleProgress(new PrintWriter(System.out, true), onTerminal());
  }

  /** Whether this process has a terminal. */
  public static boolean onTerminal() {
    return SHELL || System.console() != null && System.console().isTerminal();
  }

  @Override
  public void onTrainBegin(TrainerState state) {
    if (terminal != null) {
      bar = new ProgressLine(terminal, state.globalStep(), state.maxSteps());
    }
  }

  @Override
  public void onStep(TrainerState state, Step step) {
    if (bar != null) {
      bar.step(state.globalStep(), step.known() && !step.empty() ? step.loss() : null);
    }
  }

  @Override
  public void onLog(TrainerState state, Map<String, Double> values) {
    line(state, values);
  }

  @Override
  public void onEvaluate(TrainerState state, Map<String, Double> values) {
    line(state, values);
  }

  @Override
  public void onSave(TrainerState state, Path checkpoint) {
    print("step %d: saved %s".formatted(state.globalStep(), checkpoint));
  }

  @Override
  public void onMessage(TrainerState state, String message) {
    print(message);
  }

  @Override
  public void onTrainEnd(TrainerState state) {
    close();
  }

  private void line(TrainerState state, Map<String, Double> values) {
    print(
        String.format(
            Locale.ROOT,
            "step %d of %d, epoch %.2f: %s",
            state.globalStep(),
            state.maxSteps(),
            state.epoch(),
            figures(values)));
  }

  /** Prints a plan, or another text of several lines, before training begins. */
  public void show(Object text) {
    out.println(text);
    out.flush();
  }

  private void print(String text) {
    if (bar != null) {
      bar.erase();
    }
    out.println(Printable.line(text));
    out.flush();
    if (bar != null) {
      bar.draw();
    }
  }

  /** {@code loss 0.6931, learning_rate 0.001}. */
  public static String figures(Map<String, Double> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + " " + number(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String number(double value) {
    boolean plain = value == 0 || Math.abs(value) >= 1e-3;
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.3g", value);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.erase();
      bar = null;
    }
  }
}
