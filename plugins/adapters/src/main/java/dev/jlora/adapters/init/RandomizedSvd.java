package dev.jlora.adapters.init;

import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.LinearAlgebra.Svd;
import dev.jlora.ops.Products;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * The largest singular values and their vectors, from a random subspace (Halko et al.,
 * arXiv:0909.4061, algorithms 4.4 and 5.1), as {@code torch.svd_lowrank} computes them.
 */
final class RandomizedSvd {
  private RandomizedSvd() {}

  /**
   * @param x [m, n]
   * @param sketch [n, k], standard normal, with k at most min(m, n)
   * @param iterations of the subspace iteration; each sharpens the decay of the singular values
   * @return k singular values and vectors
   */
  static Svd of(Tensor x, Tensor sketch, int iterations) {
    Tensor q = LinearAlgebra.qr(Products.mm(x, sketch)).q();
    for (int i = 0; i < iterations; i++) {
      q = LinearAlgebra.qr(Products.mm(Views.t(x), q)).q();
      q = LinearAlgebra.qr(Products.mm(x, q)).q();
    }
    Svd small = LinearAlgebra.svd(Products.mm(Views.t(q), x));
    return new Svd(Products.mm(q, small.u()), small.s(), small.vh());
  }
}
