package dev.jlora.engine;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Tells a run to a person: a progress bar on a terminal, plain lines anywhere else. */
public final class ConsoleProgress implements Callback {
  private static final int UPDATE_MILLIS = 200;

  private final PrintStream out;
  private final boolean terminal;
  private @Nullable ProgressBar bar;

  /** To standard output. */
  public ConsoleProgress() {
    this(System.out, System.console() != null && System.console().isTerminal());
  }

  ConsoleProgress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void onTrainBegin(TrainerState state) {
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("training")
              .setInitialMax(state.maxSteps())
              .startsFrom(state.globalStep(), Duration.ZERO)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setStyle(ProgressBarStyle.ASCII)
              .build();
    }
  }

  @Override
  public void onStep(TrainerState state, Step step) {
    if (bar != null) {
      bar.stepTo(state.globalStep());
      bar.setExtraMessage(String.format(Locale.ROOT, "loss %.4f", step.loss()));
    }
  }

  @Override
  public void onLog(TrainerState state, Map<String, Double> values) {
    if (bar == null) {
      say(state, values);
    }
  }

  @Override
  public void onEvaluate(TrainerState state, Map<String, Double> values) {
    say(state, values);
  }

  @Override
  public void onSave(TrainerState state, Path checkpoint) {
    if (bar == null) {
      out.println("saved " + checkpoint);
    }
  }

  @Override
  public void onTrainEnd(TrainerState state) {
    if (bar != null) {
      bar.close();
    }
  }

  private void say(TrainerState state, Map<String, Double> values) {
    String figures =
        values.entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%s %.4g", e.getKey(), e.getValue()))
            .collect(Collectors.joining("  "));
    out.printf(
        Locale.ROOT,
        "step %d/%d  epoch %.2f  %s%n",
        state.globalStep(),
        state.maxSteps(),
        state.epoch(),
        figures);
  }
}
