package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A model's output x W^T + b before it is computed. Vocabulary logits are the largest tensor of a
 * step; a loss that uses a projection need not compute all of them.
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

  /** The output of each row's last token, [B, out], of x [B, S, in], owned by the current scope. */
  Tensor last() {
    try (var _ = Scope.open()) {
      Tensor rows = Functions.select(tape, x, 1, x.size(1) - 1);
      return Scope.moveOut(Functions.linear(tape, rows, weight, bias));
    }
  }
}
