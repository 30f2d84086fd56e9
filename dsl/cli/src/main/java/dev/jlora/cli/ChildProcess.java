package dev.jlora.cli;

import dev.jlora.engine.training.SignalHook;
import java.io.IOException;
import java.util.List;

/**
 * Runs a child process in place of this one and forwards termination requests. On a terminal Ctrl-C
 * reaches both, so this process only waits; SIGTERM is passed on.
 */
final class ChildProcess {
  private ChildProcess() {}

  /** Runs a command on this process's streams and returns its exit code. */
  static int run(List<String> command) throws IOException, InterruptedException {
    Process child = new ProcessBuilder(command).inheritIO().start();
    try (SignalHook _ = SignalHook.on("INT", _ -> {});
        SignalHook _ = SignalHook.on("TERM", _ -> child.destroy())) {
      return child.waitFor();
    }
  }
}
