package dev.jlora.backend;

import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.LayerNormKernel;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Sum and norm one after the other, the norm in FLOAT32 by jlora's CPU kernel. */
final class ComposedLayerNorms implements LayerNorms {
  @Override
  public Normalized forward(
      Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable DropMask mask) {
    Tensor sum = x;
    if (residual != null) {
      sum = mask == null ? Ops.add(x, residual) : mask.timesPlus(x, mask.scale(), residual);
    }
    Tensor w = parameter(x, weight, 1);
    Tensor b = parameter(x, bias, 0);
    if (LayerNormKernel.takes(sum, w, b)) {
      LayerNormKernel.Normalized rows = LayerNormKernel.forward(sum, w, b, eps);
      return new Normalized(rows.y(), sum, rows.mean(), rows.rstd(), w, b);
    }
    Tensor[] result = NeuralOps.layerNorm(sum, new long[] {x.size(-1)}, w, b, eps);
    return new Normalized(result[0], sum, result[1], result[2], w, b);
  }

  @Override
  public Gradients backward(
      Tensor g, Normalized normalized, @Nullable DropMask mask, Wanted wanted) {
    Tensor[] inner = gradients(g, normalized, wanted);
    Tensor dx = null;
    if (wanted.x()) {
      dx = mask == null ? inner[0] : mask.times(inner[0], mask.scale());
    }
    return new Gradients(
        dx,
        wanted.residual() ? inner[0] : null,
        wanted.weight() ? inner[1] : null,
        wanted.bias() ? inner[2] : null);
  }

  /** Gradients of the sum, the weight and the bias. */
  private static @Nullable Tensor[] gradients(Tensor g, Normalized normalized, Wanted wanted) {
    Tensor sum = normalized.sum();
    Tensor w = normalized.weight();
    if (!wanted.weight() && !wanted.bias() && LayerNormKernel.takes(g, sum, w)) {
      return new Tensor[] {
        LayerNormKernel.backward(g, sum, normalized.mean(), normalized.rstd(), w), null, null
      };
    }
    return NeuralOps.layerNormBackward(
        g,
        sum,
        new long[] {sum.size(-1)},
        normalized.mean(),
        normalized.rstd(),
        w,
        normalized.bias(),
        new boolean[] {wanted.sum(), wanted.weight(), wanted.bias()});
  }

  /**
   * libtorch keeps statistics in FLOAT32 if the parameters are FLOAT32, so they are converted for
   * 16-bit inputs.
   */
  private static @Nullable Tensor parameter(Tensor x, @Nullable Tensor parameter, double neutral) {
    if (x.dtype().bytes() > 2) {
      return parameter;
    }
    if (!x.device().host()) { // its kernels want one dtype and keep statistics in FLOAT32 anyway
      return parameter == null ? null : Ops.to(parameter, x.dtype());
    }
    return parameter == null
        ? Tensor.full(neutral, DType.FLOAT32, x.size(-1))
        : Ops.to(parameter, DType.FLOAT32);
  }
}
