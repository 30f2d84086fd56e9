package dev.jlora.model;

import dev.jlora.tensor.Tensor;

/** Where a network's weights come from: a checkpoint, or a distribution. */
@FunctionalInterface
public interface WeightSource extends AutoCloseable {

  /**
   * The weight of that (full) name, with the spec's shape, in the current scope. It may lie over
   * mapped memory, which lives until the source is closed; the network closes it.
   */
  Tensor read(ParameterSpec parameter);

  @Override
  default void close() {}
}
