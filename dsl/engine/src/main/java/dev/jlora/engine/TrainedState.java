package dev.jlora.engine;

import java.nio.file.Path;

/** The trained weights of a network as a folder in PEFT's format. */
interface TrainedState {

  /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder. */
  void save(Path folder);

  /** Reads back what {@link #save} wrote, bit for bit, into the network. */
  void load(Path folder);
}
