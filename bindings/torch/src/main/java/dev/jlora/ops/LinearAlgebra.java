package dev.jlora.ops;

import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;

/**
 * Decompositions and solvers of LAPACK, as in {@code torch.linalg}: for FLOAT32 and FLOAT64, of one
 * matrix or a batch [..., m, n]. No gradients. A singular matrix, or one with values that are not
 * finite, is an error of libtorch.
 */
public final class LinearAlgebra {
  private static final Operator SVD = Operator.of("aten::linalg_svd");
  private static final Operator QR = Operator.of("aten::linalg_qr");
  private static final Operator SOLVE = Operator.of("aten::linalg_solve");
  private static final Operator INV = Operator.of("aten::linalg_inv");

  private LinearAlgebra() {}

  /**
   * x = u diag(s) vh, with k = min(m, n).
   *
   * @param u [..., m, k], orthonormal columns
   * @param s [..., k], in descending order
   * @param vh [..., k, n], orthonormal rows
   */
  public record Svd(Tensor u, Tensor s, Tensor vh) {}

  /** The reduced singular value decomposition. The signs of u's columns are arbitrary. */
  public static Svd svd(Tensor x) {
    Tensor[] found = SVD.many(3, x, false, null);
    return new Svd(found[0], found[1], found[2]);
  }

  /**
   * x = q r, with k = min(m, n).
   *
   * @param q [..., m, k], orthonormal columns
   * @param r [..., k, n], upper triangular
   */
  public record Qr(Tensor q, Tensor r) {}

  /** The reduced QR decomposition. */
  public static Qr qr(Tensor x) {
    Tensor[] found = QR.many(2, x, "reduced");
    return new Qr(found[0], found[1]);
  }

  /**
   * The solution x of a x = b.
   *
   * @param a [..., n, n], invertible
   * @param b [..., n, k]
   */
  public static Tensor solve(Tensor a, Tensor b) {
    return SOLVE.one(a, b, true);
  }

  /** The inverse of an invertible matrix. */
  public static Tensor inverse(Tensor x) {
    return INV.one(x);
  }
}
