package dev.jlora.spi;

import dev.jlora.model.Parameter;
import dev.jlora.spec.AdapterSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * An adapter in a network: what {@link AdapterMethod#inject} or {@link AdapterMethod#load} gave.
 * Its weights belong to the network and go with it.
 */
public interface Adaptation {

  /** What it was made from. */
  AdapterSpec spec();

  /** What was attached where, and the counts. */
  AdapterPlan plan();

  /** What training updates, in a fixed order: adapter weights, saved modules, biases. */
  List<Parameter> parameters();

  /**
   * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} in PEFT's format, each
   * whole or not at all.
   */
  void save(Path folder);

  /**
   * Reads back the weights that {@link #save} wrote, bit for bit, into this adaptation.
   *
   * @throws dev.jlora.io.FormatException if the folder does not hold an adapter of this very kind
   */
  void restore(Path folder);

  /** Adds the adapter into the base weights; the network then computes as fast as without it. */
  void merge();

  /** Gives the base weights back as they were loaded. */
  void unmerge();

  /** Whether the base weights hold it now. */
  boolean merged();
}
