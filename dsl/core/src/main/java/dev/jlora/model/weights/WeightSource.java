package dev.jlora.model.weights;

import dev.jlora.model.ParameterSpec;
import dev.jlora.tensor.Tensor;

/** The source of a network's weights: a checkpoint, or a distribution. */
@FunctionalInterface
public interface WeightSource extends AutoCloseable {

  /**
   * The weight with the spec's full name and shape, owned by the current scope. It may be in mapped
   * memory, which is valid until the source is closed by the network.
   */
  Tensor read(ParameterSpec parameter);

  /**
   * Checks that mapped weight files are unchanged.
   *
   * @throws dev.jlora.io.FormatException naming a file that was written in place
   */
  default void requireUnchanged() {}

  @Override
  default void close() {}
}
