package dev.jlora.adapters;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * The L2 norm of each output's weights in W + s B A, without computing that sum:
 *
 * <p>|w_i + s b_i A|^2 = |w_i|^2 + 2 s (W A^T B^T)_ii + s^2 b_i (A A^T) b_i^T
 *
 * <p>which reads W twice and writes no more than [out, rank].
 */
final class WeightNorms {
  private static final Operator NORM = Operator.of("aten::linalg_matrix_norm.str_ord");

  private WeightNorms() {}

  /**
   * The norms, [out] in the dtype of {@code a}.
   *
   * @param weight [out, in], or [in, out] if {@code transposed}; any floating dtype
   * @param a [rank, in]
   * @param b [out, rank]
   */
  static Tensor of(Tensor weight, boolean transposed, Tensor a, Tensor b, double scale) {
    try (var _ = Scope.open()) {
      Tensor wide = Ops.to(weight, a.dtype());
      long[] inputs = {transposed ? 0 : 1, 2}; // as matrices of one column, which have a norm
      Tensor own = NORM.one(Views.unsqueeze(wide, 2), "fro", inputs, false, null);
      Tensor product = Products.mm(transposed ? Views.t(wide) : wide, Views.t(a)); // [out, rank]
      Tensor gram = Products.mm(a, Views.t(a));
      Tensor mixed = Ops.add(product, Products.mm(b, gram), scale / 2);
      Tensor change = Reduce.sum(Ops.mul(mixed, b), false, 1);
      Tensor squares = Ops.add(Ops.square(own), change, 2 * scale);
      return Scope.moveOut(Ops.sqrt(Ops.clampMin(squares, 0)));
    }
  }
}
