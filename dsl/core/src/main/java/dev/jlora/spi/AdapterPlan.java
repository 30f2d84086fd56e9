package dev.jlora.spi;

import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.spec.AdapterSpec;
import java.nio.file.Path;

/** An adapter's spec resolved for one model, from names and shapes alone. */
public interface AdapterPlan {

  /** The spec that was resolved. */
  AdapterSpec spec();

  /** The target modules and parameter counts. */
  AdapterSummary summary();

  /**
   * Whether adapters that are {@link #read} can be trained further. Files of P-tuning have what its
   * encoder computed, but not the encoder.
   */
  default boolean trainsFurther() {
    return true;
  }

  /**
   * A plan whose new adapters are initialized from training data; called before {@link #create} for
   * a new adapter. Methods such as LoRA with EVA override it.
   *
   * @param network of the plan's model, without adapters
   */
  default AdapterPlan prepared(Network network, DataPasses passes) {
    return this;
  }

  /** Whether {@link #prepared} needs passes over the data. */
  default boolean readsData() {
    return false;
  }

  /**
   * A plan for an adapter that a run of this plan saved, to resume it: with what {@link #prepared}
   * decided then, such as ranks.
   *
   * @param checkpoint a folder in PEFT's format
   */
  default AdapterPlan resumed(Path checkpoint) {
    return this;
  }

  /** A newly initialized adapter for a network of the plan's model. */
  Adapter create(Network network);

  /**
   * An adapter with the weights of a folder in PEFT's format.
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
