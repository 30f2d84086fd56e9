package dev.jlora.engine.training;

import dev.jlora.io.AtomicFiles;
import dev.jlora.natives.NativeTorch;
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

  private static final List<String> NAMES = List.of("INT", "TERM");

  private final List<SignalHook> hooks = new ArrayList<>();
  private volatile @Nullable Caught caught;

  private record Caught(String name, int number) {}

  private Signals() {}

  /**
   * Ends this process on a signal, with a message and the usual exit code. Temporary files are
   * removed. Training handles signals itself meanwhile.
   */
  public static void endProcess() {
    for (String name : NAMES) {
      SignalHook.on(
          name,
          number -> {
            System.err.printf("%njlora: ended by SIG%s%n", name);
            AtomicFiles.discardUnfinished();
            NativeTorch.skipDestructors();
            System.exit(EXIT + number);
          });
    }
  }

  /** Handles signals until closed. */
  static Signals listen() {
    Signals signals = new Signals();
    if (Boolean.getBoolean(PROPERTY)) {
      for (String name : NAMES) {
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
      NativeTorch.skipDestructors();
      Runtime.getRuntime().halt(EXIT + number);
    }
    caught = new Caught(name, number);
    System.err.printf(
        "%njlora: %s: finishing this step, then saving; a second signal ends at once%n", name);
  }

  /** Whether a signal was received. */
  boolean caught() {
    return caught != null;
  }

  /**
   * The exception that ends a run after a signal.
   *
   * @param where the step it ended after, and what was saved
   */
  StoppedException stopped(String where) {
    Caught signal = caught;
    if (signal == null) {
      throw new IllegalStateException("no signal was caught");
    }
    return new StoppedException(
        signal.name(), EXIT + signal.number(), "stopped by %s %s".formatted(signal.name(), where));
  }

  @Override
  public void close() {
    hooks.forEach(SignalHook::close);
  }
}
