package dev.jlora.distribution;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Trains the job of a file in a process of its own. It stands still at a step if one is given, and
 * sends itself SIGTERM after the training if that is {@code end}.
 */
final class TrainMain {
  private TrainMain() {}

  public static void main(String[] arguments) throws IOException {
    var job = Jlora.job(Files.readString(Path.of(arguments[0])));
    boolean end = arguments.length > 1 && arguments[1].equals("end");
    long last = arguments.length > 1 && !end ? Long.parseLong(arguments[1]) : Long.MAX_VALUE;
    new Engine(Plugins.load())
        .train(
            job,
            new Callback() {
              @Override
              public void onStep(TrainerState state, Step step) {
                System.out.println("step " + state.globalStep());
                if (state.globalStep() == last) {
                  waitForTheEnd();
                }
              }

              @Override
              public void onTrainEnd(TrainerState state) {
                if (end) {
                  terminate();
                }
              }
            });
    System.out.println("done");
  }

  /** The signal is handled within the second. */
  private static void terminate() {
    try {
      new ProcessBuilder("kill", "-TERM", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
      Thread.sleep(1000);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void waitForTheEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
