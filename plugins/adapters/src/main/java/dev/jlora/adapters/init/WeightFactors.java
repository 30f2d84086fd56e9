package dev.jlora.adapters.init;

import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.LinearAlgebra.Svd;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * Factors of a module's weight W [out, in], FLOAT32. Training starts with them and with the weight
 * W - scaling B A, so that the model's outputs are those of W.
 */
public final class WeightFactors {
  private WeightFactors() {}

  /**
   * PiSSA (arXiv:2404.02948): with W = U S V^T, A = S_r^(1/2) V_r^T and B = U_r S_r^(1/2) of the
   * {@code rank} largest singular values, divided by {@code scaling}.
   */
  public static Factors pissa(Tensor weight, int rank, double scaling) {
    return principal(LinearAlgebra.svd(weight), rank, scaling);
  }

  /**
   * PiSSA by a randomized decomposition (Halko et al., arXiv:0909.4061, algorithm 5.1).
   *
   * @param sketch [in, rank], standard normal
   * @param iterations of the subspace iteration
   */
  public static Factors pissa(
      Tensor weight, int rank, double scaling, Tensor sketch, int iterations) {
    return principal(RandomizedSvd.of(weight, sketch, iterations), rank, scaling);
  }

  private static Factors principal(Svd svd, int rank, double scaling) {
    Tensor roots = Ops.sqrt(Ops.mul(Views.slice(svd.s(), 0, 0, rank), 1 / scaling));
    Tensor a = Ops.mul(Views.unsqueeze(roots, 1), Views.slice(svd.vh(), 0, 0, rank));
    Tensor b = Ops.mul(Views.slice(svd.u(), 1, 0, rank), roots);
    return new Factors(Ops.contiguous(a), Ops.contiguous(b));
  }

  /**
   * OLoRA (arXiv:2406.01775): with W = Q R, the first {@code rank} columns of Q as B and rows of R
   * as A.
   */
  public static Factors olora(Tensor weight, int rank) {
    var qr = LinearAlgebra.qr(weight);
    return new Factors(
        Ops.contiguous(Views.slice(qr.r(), 0, 0, rank)),
        Ops.contiguous(Views.slice(qr.q(), 1, 0, rank)));
  }

  /**
   * Random factors whose product is zero: the rows of A and the columns of B are in orthogonal
   * subspaces, given by the even and the odd rows of an orthogonal matrix.
   *
   * @param square [rank, rank], standard normal; the rank is even
   * @param forA [in, rank / 2], standard normal
   * @param forB [out, rank / 2], standard normal
   */
  public static Factors orthogonal(Tensor square, Tensor forA, Tensor forB) {
    long rank = square.size(0);
    Tensor rows = Views.reshape(LinearAlgebra.qr(square).q(), rank / 2, 2, rank);
    Tensor first = Ops.contiguous(Views.select(rows, 1, 0));
    Tensor second = Ops.contiguous(Views.select(rows, 1, 1));
    Tensor a = Ops.mul(Products.mm(forA, first), 0.1); // [in, rank]
    Tensor b = Ops.mul(Products.mm(forB, second), 0.1);
    return new Factors(Ops.contiguous(Views.t(a)), b);
  }
}
