package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.backend.Backend;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * The term that a low-rank adapter adds to a product: scale * B A dropout(x). A is [rank, in] and B
 * [out, rank]; on a convolution, A is a convolution with the same kernel size and stride, and B a 1
 * x 1 convolution.
 *
 * @param a in any floating dtype
 * @param b in any floating dtype
 * @param dropout dropout probability on the input of A; modules apply it only in training
 */
public record LowRankUpdate(Tensor a, Tensor b, double scale, double dropout) {

  /** A copy with another dropout probability. */
  public LowRankUpdate dropping(double p) {
    return p == dropout ? this : new LowRankUpdate(a, b, scale, p);
  }

  /** {@code product} plus the update of x [..., in], in the product's dtype. */
  public Tensor addLinear(Tape tape, @Nullable RandomStream random, Tensor product, Tensor x) {
    DType dtype = product.dtype();
    Tensor low = Functions.linear(tape, dropped(tape, random, x), cast(tape, a, dtype), null);
    Tensor up = Functions.linear(tape, low, cast(tape, b, dtype), null);
    return add(tape, product, up);
  }

  /** {@code product} plus the update of images x [B, in, h, w]. */
  public Tensor addConvolution(
      Tape tape, @Nullable RandomStream random, Tensor product, Tensor x, long stride) {
    DType dtype = product.dtype();
    Tensor kept = dropped(tape, random, x);
    Tensor low = convolution(tape, kept, cast(tape, a, dtype), stride);
    Tensor up = convolution(tape, low, cast(tape, b, dtype), 1);
    return add(tape, product, up);
  }

  /**
   * {@code product} plus the update of ids: the rows of A^T times B^T, without dropout.
   *
   * @param padding the id whose row gets no gradient, or -1
   */
  public Tensor addRows(Tape tape, Tensor product, Tensor ids, long padding) {
    DType dtype = product.dtype();
    Tensor table = Functions.transpose(tape, cast(tape, a, dtype), 0, 1);
    Tensor low = Functions.embedding(tape, table, ids, padding);
    Tensor up = Functions.linear(tape, low, cast(tape, b, dtype), null);
    return add(tape, product, up);
  }

  /**
   * A weight plus scale * B A, computed in float32: in the weight's shape and dtype, in the current
   * scope.
   *
   * @param weight [out, in] or [out, in, kernel, kernel]; [in, out] if {@code transposed}
   */
  public Tensor merged(Tensor weight, boolean transposed) {
    try (var _ = Scope.open()) {
      Tensor sum =
          Backend.of(weight.device())
              .lora()
              .merged(flat(weight), transposed, flat(a), flat(b), scale);
      Tensor shaped = Views.view(sum, weight.shape());
      return Scope.moveOut(Ops.contiguous(Ops.to(shaped, weight.dtype())));
    }
  }

  private static Tensor flat(Tensor tensor) {
    return tensor.rank() == 2 ? tensor : Views.reshape(tensor, tensor.size(0), -1);
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
