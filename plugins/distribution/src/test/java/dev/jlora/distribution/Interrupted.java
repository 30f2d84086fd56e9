package dev.jlora.distribution;

import dev.jlora.engine.training.Run;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.nio.file.Files;

/** For runs that end by an exception, and what they are held against. */
final class Interrupted {
  private Interrupted() {}

  /** Throws when that step is done. */
  static Callback failingAt(long step) {
    return new Callback() {
      @Override
      public void onStep(TrainerState state, Step done) {
        if (state.globalStep() == step) {
          throw new IllegalStateException("killed at step " + step);
        }
      }
    };
  }

  /** The file of the adapter that a run wrote. */
  static byte[] weights(Run run) throws IOException {
    return Files.readAllBytes(run.adapter().resolve("adapter_model.safetensors"));
  }
}
