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

/** Trains the job of a file in a process of its own; stands still at a step where one is given. */
final class TrainMain {
  private TrainMain() {}

  public static void main(String[] arguments) throws IOException {
    var job = Jlora.job(Files.readString(Path.of(arguments[0])));
    long last = arguments.length > 1 ? Long.parseLong(arguments[1]) : Long.MAX_VALUE;
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
            });
    System.out.println("done");
  }

  private static void waitForTheEnd() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
