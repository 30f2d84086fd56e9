package dev.jlora.peft;

import dev.jlora.model.runtime.TrainingHook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of one adapter in addition to its parameters, such as AdaLoRA's ranks; see {@link
 * TargetedMethod#state}. It owns its tensors, and the adapter closes it.
 */
public interface AdapterState extends AutoCloseable {
  /** The state of an adapter that has only parameters. */
  AdapterState NONE = new AdapterState() {};

  /** The hook that is called during training; null for none. */
  default @Nullable TrainingHook training() {
    return null;
  }

  /** The tensors of the file for a target, in place of {@link AdapterTarget#stored}. */
  default List<StoredTensor> stored(AdapterTarget target, OwnParameters parameters) {
    return target.stored(parameters);
  }

  /** Adds the keys of {@code adapter_config.json} that depend on the state. */
  default PeftConfig config(PeftConfig config) {
    return config;
  }

  @Override
  default void close() {}
}
