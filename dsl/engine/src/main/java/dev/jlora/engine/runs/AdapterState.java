package dev.jlora.engine.runs;

import dev.jlora.model.runtime.Adapter;
import java.nio.file.Path;

/** An adapter as a folder in PEFT's format. */
public record AdapterState(Adapter adapter) implements TrainedState {

  @Override
  public void save(Path folder) {
    adapter.save(folder);
  }

  @Override
  public void load(Path folder) {
    adapter.restore(folder);
  }
}
