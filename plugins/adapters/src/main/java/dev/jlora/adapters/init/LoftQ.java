package dev.jlora.adapters.init;

import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * LoftQ (arXiv:2310.08659, algorithm 1): alternates the quantization of W - B A and the best
 * low-rank approximation B A of what it loses. As in PEFT, the scaling of the adapter is not taken
 * into account.
 *
 * @param factors of the last approximation
 * @param quantized the weight after quantization [out, in], FLOAT32
 */
public record LoftQ(Factors factors, Tensor quantized) {

  /**
   * @param weight [out, in], FLOAT32 on the host, a multiple of 64 elements
   * @param bits of a quantized value: 2, 4 or 8
   * @param iterations 1 or more
   */
  public static LoftQ of(Tensor weight, int rank, int bits, int iterations) {
    NormalFloat format = NormalFloat.ofBits(bits);
    Tensor rest = weight;
    LoftQ found = null;
    for (int i = 0; i < iterations; i++) {
      Tensor quantized = format.rounded(rest);
      var svd = LinearAlgebra.svd(Ops.sub(weight, quantized));
      Tensor roots = Ops.sqrt(Views.slice(svd.s(), 0, 0, rank));
      Tensor a = Ops.mul(Views.unsqueeze(roots, 1), Views.slice(svd.vh(), 0, 0, rank));
      Tensor b = Ops.mul(Views.slice(svd.u(), 1, 0, rank), roots);
      found = new LoftQ(new Factors(Ops.contiguous(a), Ops.contiguous(b)), quantized);
      rest = Ops.sub(weight, Products.mm(b, a));
    }
    return found;
  }

  /** Whether a weight can be divided into the blocks of the quantization. */
  public static boolean fits(long elements) {
    return elements % NormalFloat.BLOCK == 0;
  }
}
