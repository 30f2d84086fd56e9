package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One adapter for a network: what it does at each module, and what is trained beside the base. It
 * owns its memory and changes nothing of the network, so that several live on one. A network that
 * it is attached to closes it.
 */
public interface Adapter extends AutoCloseable {

  /** What it does, by the path of the module, in the order of the network. */
  Map<String, AdapterLayer> layers();

  /**
   * Parameters that take the place of the base's, by the base's names: trained heads and biases. A
   * tied weight ({@code lm_head.weight}) has an entry of its own, or stays as the base has it.
   */
  Map<String, Parameter> overrides();

  /** Parameters that belong to no single module, such as virtual tokens. */
  default List<Parameter> shared() {
    return List.of();
  }

  /** What it does to a batch before the first layer; null for nothing. */
  default @Nullable InputTransform inputs() {
    return null;
  }

  /** What it does in training beside its forward pass; null for nothing. */
  default @Nullable TrainingHook training() {
    return null;
  }

  /** What training updates, each once, in a fixed order. */
  default List<Parameter> parameters() {
    Set<Parameter> all = new LinkedHashSet<>(overrides().values());
    all.addAll(shared());
    layers().values().forEach(layer -> all.addAll(layer.parameters()));
    List<Parameter> trained = new ArrayList<>(all.size());
    for (Parameter parameter : all) {
      if (parameter.trainable()) {
        trained.add(parameter);
      }
    }
    return trained;
  }

  /**
   * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} in PEFT's format, each
   * whole or not at all.
   */
  void save(Path folder);

  /**
   * Reads back the weights that {@link #save} wrote, bit for bit, into this adapter's parameters.
   *
   * @throws dev.jlora.io.FormatException if the folder does not hold an adapter of this very kind
   */
  void restore(Path folder);

  /** Frees its memory. Does nothing the second time. */
  @Override
  void close();
}
