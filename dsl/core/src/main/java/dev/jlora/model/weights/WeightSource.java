package dev.jlora.model.weights;

import dev.jlora.model.ParameterSpec;
import dev.jlora.tensor.Tensor;

/** Where a network's weights come from: a checkpoint, or a distribution. */
@FunctionalInterface
public interface WeightSource extends AutoCloseable {

  /**
   * The weight of that (full) name, with the spec's shape, in the current scope. It may lie over
   * mapped memory, which lives until the source is closed; the network closes it.
   */
  Tensor read(ParameterSpec parameter);

  /**
   * Asks whether memory that weights lie over is still what it was.
   *
   * @throws dev.jlora.io.FormatException naming a file that was written in place
   */
  default void requireUnchanged() {}

  @Override
  default void close() {}
}
