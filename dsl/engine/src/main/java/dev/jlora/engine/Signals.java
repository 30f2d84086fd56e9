package dev.jlora.engine;

import dev.jlora.spi.TrainerState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Handles the signals that request the end of a process (Ctrl-C, a terminating service), so that a
 * run can finish its step first. The second signal ends the process at once.
 *
 * <p>Active only in processes that jlora started, identified by the system property {@value
 * #PROPERTY}: a library must not take over the signals of a user's program.
 */
public final class Signals implements AutoCloseable {
  /** Set to true by the command line, for itself and for programs that it starts. */
  public static final String PROPERTY = "jlora.signals";

  /** Added by shells to a signal's number, for the exit code. */
  private static final int EXIT = 128;

  private final List<SignalHook> hooks = new ArrayList<>();
  private volatile @Nullable Caught caught;

  private record Caught(String name, int number) {}

  private Signals() {}

  /** Handles signals until closed. */
  static Signals listen() {
    Signals signals = new Signals();
    if (Boolean.getBoolean(PROPERTY)) {
      for (String name : List.of("INT", "TERM")) {
        SignalHook hook = SignalHook.on(name, number -> signals.handle("SIG" + name, number));
        if (hook != null) {
          signals.hooks.add(hook);
        }
      }
    }
    return signals;
  }

  private void handle(String name, int number) {
    if (caught != null) {
      System.err.println("jlora: ended by a second " + name);
      Runtime.getRuntime().halt(EXIT + number);
    }
    caught = new Caught(name, number);
    System.err.printf(
        "%njlora: %s: finishing this step and writing a checkpoint; again to end at once%n", name);
  }

  /** Whether a signal was received. */
  boolean caught() {
    return caught != null;
  }

  /**
   * The exception that ends a run after a signal.
   *
   * @param checkpoint the folder it can be resumed from
   */
  StoppedException stopped(TrainerState state, Object checkpoint) {
    Caught signal = caught;
    if (signal == null) {
      throw new IllegalStateException("no signal was caught");
    }
    return new StoppedException(
        signal.name(),
        EXIT + signal.number(),
        "stopped by %s after step %d of %d; saved in %s. To go on, run the same job with resume:"
                .formatted(signal.name(), state.globalStep(), state.maxSteps(), checkpoint)
            + " --resume on the command line, resume() in Java.");
  }

  @Override
  public void close() {
    hooks.forEach(SignalHook::close);
  }
}
