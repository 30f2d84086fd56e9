package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a low-rank adapter adds to a product: scale * B A dropout(x). A is [rank, in] and B [out,
 * rank]; on a convolution A is one of the same window and stride, and B one of 1 x 1.
 *
 * @param a in any floating dtype
 * @param b likewise
 * @param dropout the probability to drop an input of A with; where a module asks for it, it applies
 *     in training alone
 */
public record LowRankUpdate(Tensor a, Tensor b, double scale, double dropout) {

  /** The same update with another dropout. */
  public LowRankUpdate dropping(double p) {
    return p == dropout ? this : new LowRankUpdate(a, b, scale, p);
  }

  /** {@code product} and the update of x [..., in], in the product's precision. */
  public Tensor addLinear(Tape tape, @Nullable RandomStream random, Tensor product, Tensor x) {
    DType dtype = product.dtype();
    Tensor low = Functions.linear(tape, dropped(tape, random, x), cast(tape, a, dtype), null);
    Tensor up = Functions.linear(tape, low, cast(tape, b, dtype), null);
    return add(tape, product, up);
  }

  /** {@code product} and the update of images x [B, in, h, w]. */
  public Tensor addConvolution(
      Tape tape, @Nullable RandomStream random, Tensor product, Tensor x, long stride) {
    DType dtype = product.dtype();
    Tensor kept = dropped(tape, random, x);
    Tensor low = convolution(tape, kept, cast(tape, a, dtype), stride);
    Tensor up = convolution(tape, low, cast(tape, b, dtype), 1);
    return add(tape, product, up);
  }

  /**
   * {@code product} and the update of ids: the rows of A^T, times B^T. Ids are not dropped.
   *
   * @param padding the id that gives A no gradient, or -1
   */
  public Tensor addRows(Tape tape, Tensor product, Tensor ids, long padding) {
    DType dtype = product.dtype();
    Tensor table = Functions.transpose(tape, cast(tape, a, dtype), 0, 1);
    Tensor low = Functions.embedding(tape, table, ids, padding);
    Tensor up = Functions.linear(tape, low, cast(tape, b, dtype), null);
    return add(tape, product, up);
  }

  private Tensor dropped(Tape tape, @Nullable RandomStream random, Tensor x) {
    return dropout > 0 ? Functions.dropout(tape, x, dropout, random) : x;
  }

  private Tensor add(Tape tape, Tensor product, Tensor up) {
    return Functions.add(tape, product, Functions.scale(tape, up, scale));
  }

  private static Tensor cast(Tape tape, Tensor tensor, DType dtype) {
    return tensor.dtype() == dtype ? tensor : Functions.cast(tape, tensor, dtype);
  }

  private static Tensor convolution(Tape tape, Tensor x, Tensor weight, long stride) {
    return Functions.conv2d(
        tape, x, weight, null, new long[] {stride, stride}, new long[] {0, 0}, 1);
  }
}
