package dev.jlora.engine.training;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on the last line of a terminal. It is erased before a line is printed and drawn
 * again below it, on the training thread, so that the lines above it are not changed.
 */
final class ProgressLine {
  private static final String ERASE = "\r\u001b[K";

  /** Disables line wrapping: what does not fit into a narrow terminal is cut off. */
  private static final String WRAP_OFF = "\u001b[?7l";

  private static final String WRAP_ON = "\u001b[?7h";

  /** Columns of a terminal of usual size, without the last one. */
  private static final int COLUMNS = 79;

  private static final int LONGEST_BAR = 24;
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
   * @param first the initial step, above 0 for a resumed run
   * @param all number of steps of the run
   */
  ProgressLine(PrintWriter terminal, long first, long all) {
    this.terminal = terminal;
    this.first = first;
    this.all = all;
    this.at = first;
    draw();
  }

  /** Advances the bar, which is redrawn a few times per second. */
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
    terminal.print(ERASE + WRAP_OFF + text() + WRAP_ON);
    terminal.flush();
    shown = true;
    drawn = System.nanoTime();
  }

  private String text() {
    double seconds = (System.nanoTime() - started) / 1e9;
    double left = at > first ? seconds / (at - first) * (all - at) : 0;
    String before = String.format(Locale.ROOT, "steps %3d%% [", all == 0 ? 0 : 100 * at / all);
    String after =
        String.format(
            Locale.ROOT,
            "] %d/%d (%s, %s left)%s",
            at,
            all,
            clock(seconds),
            at > first ? clock(left) : "?",
            loss == null ? "" : String.format(Locale.ROOT, " loss %.4f", loss));
    int width = Math.clamp(COLUMNS - before.length() - after.length(), 0, LONGEST_BAR);
    int full = all == 0 ? 0 : (int) (width * at / all);
    return before + "=".repeat(full) + " ".repeat(width - full) + after;
  }

  private static String clock(double seconds) {
    long all = Math.round(seconds);
    return String.format(Locale.ROOT, "%d:%02d:%02d", all / 3600, all / 60 % 60, all % 60);
  }
}
