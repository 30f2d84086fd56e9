package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A model's output x W^T + b before it is computed. The logits over a vocabulary are the largest
 * tensor of a step; a loss that has this in its hands need not make them as a whole.
 *
 * @param scope the one around the pass, which owns x and will own the product
 * @param x [..., in]
 * @param weight [out, in], frozen
 * @param bias [out], frozen; or null
 */
public record Projection(Tape tape, Scope scope, Tensor x, Tensor weight, @Nullable Tensor bias) {

  /** The output itself, [..., out]. */
  Tensor compute() {
    try (var _ = Scope.open()) {
      return scope.adopt(Functions.linear(tape, x, weight, bias));
    }
  }
}
