package dev.jlora.engine.runs;

import java.nio.file.Path;

/** The trained weights of a network, saved in a folder. */
public interface TrainedState {

  /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder. */
  void save(Path folder);

  /** Restores the files of {@link #save}, bit for bit, into the network. */
  void load(Path folder);
}
