package dev.jlora.engine;

import dev.jlora.spi.Adaptation;
import java.nio.file.Path;

/** An adapter as a folder of PEFT's. */
record AdapterState(Adaptation adaptation) implements TrainedState {

  @Override
  public void save(Path folder) {
    adaptation.save(folder);
  }

  @Override
  public void load(Path folder) {
    adaptation.restore(folder);
  }
}
