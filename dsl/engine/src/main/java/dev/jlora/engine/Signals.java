package dev.jlora.engine;

import dev.jlora.spi.TrainerState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Listens for the signals that ask a process to end (Ctrl-C, a terminating service), so that a run
 * can finish its step first. The second signal ends the process at once.
 *
 * <p>Only a process that jlora itself started is listened in, which the system property {@value
 * #PROPERTY} says: a library leaves the signals of a user's own program alone.
 */
public final class Signals implements AutoCloseable {
  /** Set to true by the command line, for itself and for programs that it starts. */
  public static final String PROPERTY = "jlora.signals";

  /** What a shell adds to a signal's number, for the exit code. */
  private static final int EXIT = 128;

  private final List<SignalHook> hooks = new ArrayList<>();
  private volatile @Nullable Caught caught;

  private record Caught(String name, int number) {}

  private Signals() {}

  /** Listens until it is closed. */
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

  /** Whether the process was asked to end. */
  boolean caught() {
    return caught != null;
  }

  /**
   * How a run ends that was asked to.
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
