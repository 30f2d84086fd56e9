package dev.jlora.model.runtime;

import dev.jlora.tensor.Tensor;

/** A built layer. The result belongs to the current scope, like every result of an operator. */
@FunctionalInterface
public interface Module {
  /** Computes its output, owned by the current scope; {@code input} is not changed. */
  Tensor forward(Tensor input, ForwardContext pass);
}
