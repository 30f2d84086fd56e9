package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Gemm;
import dev.jlora.backend.LoraLinears;
import dev.jlora.backend.LoraLinears.Adapter;
import dev.jlora.backend.LoraLinears.Frozen;
import dev.jlora.backend.LoraLinears.Output;
import dev.jlora.kernels.DropMask;
import dev.jlora.ops.Ops;
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
 * <p>Inputs: x [..., in], W [out, in] (or [in, out] if {@code transposed}), b [out] or null, A [r,
 * in], B [out, r]. A and B may have another dtype than x (FLOAT32 masters in a bfloat16 model);
 * their gradients have their own dtype. Saves x, the weights, and x A^T [N, r]; the dropped x is
 * recomputed in backward.
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
    Output output =
        Backend.of(x.device())
            .lora()
            .forward(
                Gemm.rows(x),
                new Frozen(weight, inputs[BIAS], transposed),
                new Adapter(inputs[A], inputs[B], scale, mask));
    context.save(
        context.needs(WEIGHT) || context.needs(A) ? x : null,
        context.needs(X) ? weight : null,
        output.a(),
        output.b(),
        context.needs(B) ? output.middle() : null);
    Tensor y = output.y();
    return x.rank() == 2 ? y : Views.view(y, Gemm.withLast(x.shape(), y.size(1)));
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
    Tensor g = Gemm.rows(gradOutput);
    Tensor sum = context.needs(X) ? context.sum(X) : null;
    Tensor sumRows = sum != null && sum.contiguous() ? Gemm.rows(sum) : null;
    LoraLinears.Gradients found =
        Backend.of(g.device())
            .lora()
            .backward(
                g,
                context.needs(A) ? Gemm.rows(context.saved(0)) : null,
                context.needs(X) ? context.saved(1) : null,
                transposed,
                new Adapter(context.saved(2), context.saved(3), scale, mask),
                context.needs(B) ? context.saved(4) : null,
                sumRows);
    Tensor[] gradients = new Tensor[5];
    if (found.x() != null) {
      gradients[X] = found.x() == sumRows ? sum : Views.view(found.x(), context.shape(X));
    }
    gradients[A] = context.needs(A) ? in(context.dtype(A), found.a()) : null;
    gradients[B] = context.needs(B) ? in(context.dtype(B), found.b()) : null;
    if (context.needs(WEIGHT)) {
      gradients[WEIGHT] = Gemm.weightGradient(g, Gemm.rows(context.saved(0)), transposed);
    }
    if (context.needs(BIAS)) {
      gradients[BIAS] = Reduce.sum(g, false, 0);
    }
    return gradients;
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
  public @Nullable FrozenProduct frozenProduct(Context context, @Nullable Tensor... inputs) {
    return FrozenProduct.of(context, transposed, inputs);
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
