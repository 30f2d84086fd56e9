package dev.jlora.autograd;

import dev.jlora.backend.Gemm;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * y = x W^T + b over inputs x [..., in], W [out, in] (or [in, out] if {@code transposed}), b [out]
 * or null. For a frozen weight no gradient is computed; x is saved only for a trainable one.
 */
record Linear(boolean transposed) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor x = inputs[0];
    Tensor weight = inputs[1];
    Gemm.check(name(), x, weight, inputs[2], transposed);
    context.save(context.needs(1) ? x : null, context.needs(0) ? weight : null);
    Tensor y = Gemm.forward(Gemm.rows(x), weight, inputs[2], transposed);
    return x.rank() == 2 ? y : Views.view(y, Gemm.withLast(x.shape(), y.size(1)));
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
    Tensor g = Gemm.rows(gradOutput);
    Tensor[] gradients = new Tensor[3];
    if (context.needs(0)) {
      Tensor sum = context.sum(0);
      if (sum != null
          && sum.contiguous()
          && Gemm.addInputGradient(Gemm.rows(sum), g, context.saved(1), transposed)) {
        gradients[0] = sum;
      } else {
        Tensor dx = Gemm.inputGradient(g, context.saved(1), transposed);
        gradients[0] = Views.view(dx, context.shape(0));
      }
    }
    if (context.needs(1)) {
      gradients[1] = Gemm.weightGradient(g, Gemm.rows(context.saved(0)), transposed);
    }
    if (context.needs(2)) {
      gradients[2] = Reduce.sum(g, false, 0);
    }
    return gradients;
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
    return Phase.GEMM;
  }

  @Override
  public String name() {
    return "linear";
  }
}
