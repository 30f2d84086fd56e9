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
 * One adapter for a network: its layers and the parameters it trains in place of the base's. It
 * owns its memory and does not modify the network, so a network can have several. A network closes
 * the adapters attached to it.
 */
public interface Adapter extends AutoCloseable {

  /** The adapter layers by module path, in the order of the network. */
  Map<String, AdapterLayer> layers();

  /**
   * Parameters that replace the base's, by the base's names: trained heads and biases. A tied
   * weight ({@code lm_head.weight}) has an entry of its own, or keeps the base's value.
   */
  Map<String, Parameter> overrides();

  /** Parameters that belong to no single module, such as virtual tokens. */
  default List<Parameter> shared() {
    return List.of();
  }

  /** The transform of a batch before the first layer; null for none. */
  default @Nullable InputTransform inputs() {
    return null;
  }

  /** The hook that is called during training; null for none. */
  default @Nullable TrainingHook training() {
    return null;
  }

  /** The parameters that training updates, each once, in a fixed order. */
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

  /** The low-rank updates of its layers, in the order of the network. */
  default List<LowRankPair> pairs() {
    return layers().values().stream().flatMap(layer -> layer.pairs().stream()).toList();
  }

  /**
   * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} in PEFT's format, each
   * atomically.
   */
  void save(Path folder);

  /**
   * Restores the weights that {@link #save} wrote, bit for bit, into this adapter's parameters.
   *
   * @throws dev.jlora.io.FormatException if the folder does not hold an adapter of the same method
   *     and shapes
   */
  void restore(Path folder);

  /** Frees the adapter's memory. Idempotent. */
  @Override
  void close();
}
