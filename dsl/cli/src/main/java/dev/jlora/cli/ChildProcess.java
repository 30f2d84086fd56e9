package dev.jlora.cli;

import dev.jlora.engine.SignalHook;
import java.io.IOException;
import java.util.List;

/**
 * A process in the place of this one: what asks this process to end is for it. Ctrl-C on a terminal
 * goes to both anyway, so this one only waits; a SIGTERM is passed on.
 */
final class ChildProcess {
  private ChildProcess() {}

  /** Runs a command on this process's streams; its exit code. */
  static int run(List<String> command) throws IOException, InterruptedException {
    Process child = new ProcessBuilder(command).inheritIO().start();
    try (SignalHook _ = SignalHook.on("INT", _ -> {});
        SignalHook _ = SignalHook.on("TERM", _ -> child.destroy())) {
      return child.waitFor();
    }
  }
}
