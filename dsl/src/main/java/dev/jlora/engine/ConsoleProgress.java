package dev.jlora.engine;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how a run goes: a bar where somebody looks at a terminal, and lines that stay. */
public final class ConsoleProgress implements Callback, AutoCloseable {
  private final PrintWriter out;
  private final boolean terminal;
  private @Nullable ProgressBar bar;

  /**
   * @param out where lines go
   * @param terminal whether a bar can be drawn on the error stream
   */
  public ConsoleProgress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** On standard output, with a bar if that is a terminal. */
  public static ConsoleProgress onStandardOutput() {
    return new ConsoleProgress(new PrintWriter(System.out, true), onTerminal());
  }

  /** Whether this process talks to a terminal. */
  public static boolean onTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  @Override
  public void onTrainBegin(TrainerState state) {
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("steps")
              .setInitialMax(state.maxSteps())
              .startsFrom(state.globalStep(), Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(250)
              .build();
    }
  }

  @Override
  public void onStep(TrainerState state, Step step) {
    if (bar != null) {
      bar.stepTo(state.globalStep());
      if (step.known() && !step.empty()) {
        bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4f", step.loss()));
      }
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

  private void print(String text) {
    out.println(text);
    out.flush();
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
      bar.close();
      bar = null;
    }
  }
}
