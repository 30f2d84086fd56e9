package dev.jlora.spi;

import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.spec.AdapterSpec;
import java.nio.file.Path;

/** What an adapter's spec means for one model, resolved once from names and shapes. */
public interface AdapterPlan {

  /** What it was made from. */
  AdapterSpec spec();

  /** Targets and counts. */
  AdapterSummary summary();

  /** A fresh adapter for a network of the plan's model. */
  Adapter create(Network network);

  /**
   * An adapter with the weights of a folder, ours or PEFT's.
   *
   * @param folder with adapter_config.json and adapter_model.safetensors
   * @throws dev.jlora.io.FormatException if a file is missing, damaged, or made for another model
   */
  default Adapter read(Network network, Path folder) {
    Adapter adapter = create(network);
    try {
      adapter.restore(folder);
      return adapter;
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }
}
