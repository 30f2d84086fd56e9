package dev.jlora.autograd;

import dev.jlora.kernels.DropMask;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * y = x W^T + b + scale * dropout(x) A^T B^T, as one function.
 *
 * <p>Inputs: x [..., in], W [out, in] (or [in, out] where {@code transposed}), b [out] or null, A
 * [r, in], B [out, r]. A and B may be of another dtype than x (float masters of a bfloat16 model):
 * they are cast for the products, and their gradients return in their own.
 *
 * <p>The two thin products add into the output of the base product, so the sum costs no pass of its
 * own; dropout only zeroes, because 1 / P(keep) goes into the factor of the second product. What is
 * saved is x, the weights, and x A^T [N, r]: the dropped x is made again in backward.
 *
 * @param mask of the dropout on x, null for none
 */
record LoraLinear(double scale, @Nullable DropMask mask, boolean transposed) implements Function {
  private static final int X = 0;
  private static final int WEIGHT = 1;
  private static final int BIAS = 2;
  private static final int A = 3;
  private static final int B = 4;

  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor x = inputs[X];
    Tensor weight = inputs[WEIGHT];
    Gemm.check(name(), x, weight, inputs[BIAS], transposed);
    checkAdapter(x, weight, inputs[A], inputs[B]);
    Tensor rows = Gemm.rows(x);
    Tensor y = Gemm.forward(rows, weight, inputs[BIAS], transposed);
    Tensor a = in(x.dtype(), inputs[A]);
    Tensor b = in(x.dtype(), inputs[B]);
    Tensor down = Products.mm(dropped(rows), Views.t(a));
    Gemm.accumulate(y, down, Views.t(b), factor());
    context.save(
        context.needs(WEIGHT) || context.needs(A) ? x : null,
        context.needs(X) ? weight : null,
        context.needs(X) ? a : null,
        context.needs(X) || context.needs(A) ? b : null,
        context.needs(B) ? down : null);
    return x.rank() == 2 ? y : Views.view(y, Gemm.withLast(x.shape(), y.size(1)));
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
    Tensor g = Gemm.rows(gradOutput);
    Tensor[] gradients = new Tensor[5];
    if (context.needs(B)) {
      gradients[B] = scaled(context.dtype(B), Products.mm(Views.t(g), context.saved(4)));
    }
    Tensor gb = context.needs(X) || context.needs(A) ? Products.mm(g, context.saved(3)) : null;
    if (context.needs(X)) {
      Tensor dx = Gemm.inputGradient(g, context.saved(1), transposed);
      addAdapterGradient(dx, gb, context.saved(2));
      gradients[X] = Views.view(dx, context.shape(X));
    }
    if (context.needs(A)) {
      Tensor x = dropped(Gemm.rows(context.saved(0)));
      gradients[A] = scaled(context.dtype(A), Products.mm(Views.t(gb), x));
    }
    if (context.needs(WEIGHT)) {
      Tensor x = Gemm.rows(context.saved(0));
      gradients[WEIGHT] = Gemm.weightGradient(g, x, transposed);
    }
    if (context.needs(BIAS)) {
      gradients[BIAS] = Reduce.sum(g, false, 0);
    }
    return gradients;
  }

  /** dx = dx + factor * mask * (gb A). */
  private void addAdapterGradient(Tensor dx, Tensor gb, Tensor a) {
    if (mask == null) {
      Gemm.accumulate(dx, gb, a, factor());
    } else {
      mask.addTo(dx, Products.mm(gb, a), factor());
    }
  }

  private Tensor dropped(Tensor rows) {
    return mask == null ? rows : mask.times(rows, 1);
  }

  private double factor() {
    return mask == null ? scale : scale * mask.scale();
  }

  /** A fresh product in the dtype of its master, scaled there so that it is rounded once. */
  private Tensor scaled(DType dtype, Tensor product) {
    Tensor gradient = in(dtype, product);
    InPlace.mul(gradient, factor());
    return gradient;
  }

  private static Tensor in(DType dtype, Tensor tensor) {
    return tensor.dtype() == dtype ? tensor : Ops.to(tensor, dtype);
  }

  private void checkAdapter(Tensor x, Tensor weight, Tensor a, Tensor b) {
    long out = weight.size(transposed ? 1 : 0);
    boolean fits =
        a.rank() == 2
            && b.rank() == 2
            && a.size(0) == b.size(1)
            && a.size(1) == x.size(-1)
            && b.size(0) == out;
    if (!fits) {
      throw new IllegalArgumentException(
          "%s: got A of shape %s and B of shape %s, expected [r, %d] and [%d, r]"
              .formatted(
                  name(), Arrays.toString(a.shape()), Arrays.toString(b.shape()), x.size(-1), out));
    }
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.ADAPTER;
  }

  @Override
  public String name() {
    return "loraLinear";
  }
}
