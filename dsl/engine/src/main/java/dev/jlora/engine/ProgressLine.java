package dev.jlora.engine;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A bar on the last line of a terminal. It is erased before a line is printed and drawn again below
 * it, on the thread that trains, so that the lines above it stay as they are.
 */
final class ProgressLine {
  private static final String ERASE = "\r\u001b[K";
  private static final int WIDTH = 24;
  private static final long INTERVAL = 200_000_000;

  private final PrintWriter terminal;
  private final long first;
  private final long all;
  private final long started = System.nanoTime();
  private long at;
  private long drawn;
  private @Nullable Double loss;
  private boolean shown;

  /**
   * @param first the step it starts from: above 0 for a run that was resumed
   * @param all the steps of the run
   */
  ProgressLine(PrintWriter terminal, long first, long all) {
    this.terminal = terminal;
    this.first = first;
    this.all = all;
    this.at = first;
    draw();
  }

  /** Moves on; drawn a few times a second. */
  void step(long step, @Nullable Double loss) {
    this.at = step;
    if (loss != null) {
      this.loss = loss;
    }
    if (System.nanoTime() - drawn > INTERVAL) {
      draw();
    }
  }

  void erase() {
    if (shown) {
      terminal.print(ERASE);
      terminal.flush();
      shown = false;
    }
  }

  void draw() {
    terminal.print(ERASE + text());
    terminal.flush();
    shown = true;
    drawn = System.nanoTime();
  }

  private String text() {
    int full = all == 0 ? 0 : (int) (WIDTH * at / all);
    double seconds = (System.nanoTime() - started) / 1e9;
    double left = at > first ? seconds / (at - first) * (all - at) : 0;
    return String.format(
        Locale.ROOT,
        "steps %3d%% [%s%s] %d/%d (%s, %s left)%s",
        all == 0 ? 0 : 100 * at / all,
        "=".repeat(full),
        " ".repeat(WIDTH - full),
        at,
        all,
        clock(seconds),
        at > first ? clock(left) : "?",
        loss == null ? "" : String.format(Locale.ROOT, " loss %.4f", loss));
  }

  private static String clock(double seconds) {
    long all = Math.round(seconds);
    return String.format(Locale.ROOT, "%d:%02d:%02d", all / 3600, all / 60 % 60, all % 60);
  }
}
