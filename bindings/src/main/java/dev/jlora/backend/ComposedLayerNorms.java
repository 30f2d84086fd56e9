package dev.jlora.backend;

import dev.jlora.kernels.DropMask;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Sum and norm one after the other. */
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
    Tensor[] result = NeuralOps.layerNorm(sum, new long[] {x.size(-1)}, w, b, eps);
    return new Normalized(result[0], sum, result[1], result[2], w, b);
  }

  @Override
  public Gradients backward(
      Tensor g, Normalized normalized, @Nullable DropMask mask, Wanted wanted) {
    Tensor sum = normalized.sum();
    Tensor[] inner =
        NeuralOps.layerNormBackward(
            g,
            sum,
            new long[] {sum.size(-1)},
            normalized.mean(),
            normalized.rstd(),
            normalized.weight(),
            normalized.bias(),
            new boolean[] {wanted.sum(), wanted.weight(), wanted.bias()});
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

  /** libtorch keeps statistics in FLOAT32 if the parameters are, so 16-bit inputs get such. */
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
