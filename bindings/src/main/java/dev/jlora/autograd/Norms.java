package dev.jlora.autograd;

import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.RmsKernel;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Norms over the last dimension. Statistics of 16-bit inputs are kept in FLOAT32. */
final class Norms {
  private Norms() {}

  /** Inputs x [..., n], weight [n] or null, bias [n] or null. */
  record LayerNorm(double eps) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return normalize(context, inputs[0], inputs[1], inputs[2], eps);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      boolean[] wanted = {context.needs(0), context.needs(1), context.needs(2)};
      Tensor[] gradients = gradients(context, g, wanted);
      for (int i = 1; i < 3; i++) {
        gradients[i] = wanted[i] ? Ops.to(gradients[i], context.dtype(i)) : null;
      }
      return gradients;
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public Phase phase() {
      return Phase.NORM;
    }

    @Override
    public String name() {
      return "layerNorm";
    }
  }

  /**
   * Layer norm of residual + mask * x / P(keep). Inputs x, residual, weight, bias; x and residual
   * of one shape. Only the sum is saved, not its parts.
   *
   * @param mask of the dropout, null for none
   */
  record DropoutAddLayerNorm(double eps, @Nullable DropMask mask) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor sum =
          mask == null
              ? Ops.add(inputs[0], inputs[1])
              : mask.timesPlus(inputs[0], mask.scale(), inputs[1]);
      return normalize(context, sum, inputs[2], inputs[3], eps);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      boolean sum = context.needs(0) || context.needs(1);
      boolean[] wanted = {sum, context.needs(2), context.needs(3)};
      Tensor[] inner = gradients(context, g, wanted);
      Tensor[] gradients = new Tensor[4];
      for (int i = 2; i < 4; i++) {
        gradients[i] = context.needs(i) ? Ops.to(inner[i - 1], context.dtype(i)) : null;
      }
      if (context.needs(0)) {
        gradients[0] = mask == null ? inner[0] : mask.times(inner[0], mask.scale());
      }
      if (context.needs(1)) {
        gradients[1] = inner[0];
      }
      return gradients;
    }

    @Override
    public Memory gradientMemory() {
      return mask == null ? Memory.SHARED : Memory.FRESH;
    }

    @Override
    public Phase phase() {
      return Phase.NORM;
    }

    @Override
    public String name() {
      return "dropoutAddLayerNorm";
    }
  }

  /** Saves what {@link #gradients} takes: x, mean, rstd, weight, bias. */
  private static Tensor normalize(
      Function.Context context,
      Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps) {
    Tensor w = parameter(x, weight, 1);
    Tensor b = parameter(x, bias, 0);
    Tensor[] result = NeuralOps.layerNorm(x, new long[] {x.size(-1)}, w, b, eps);
    context.save(x, result[1], result[2], w, b);
    return result[0];
  }

  private static @Nullable Tensor[] gradients(
      Function.Context context, Tensor g, boolean[] wanted) {
    Tensor x = context.saved(0);
    return NeuralOps.layerNormBackward(
        g,
        x,
        new long[] {x.size(-1)},
        context.saved(1),
        context.saved(2),
        context.saved(3),
        context.saved(4),
        wanted);
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

  /**
   * x / sqrt(mean(x^2) + eps) * weight (arXiv:1910.07467). Inputs x [..., n], weight [n]. As in
   * transformers, 16-bit input is normalized in FLOAT32 and rounded before the weight.
   */
  record RmsNorm(double eps) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      if (RmsKernel.takes(inputs[0], inputs[1])) {
        RmsKernel.Normalized result = RmsKernel.forward(inputs[0], inputs[1], eps);
        context.save(inputs[0], result.rstd(), inputs[1]);
        return result.y();
      }
      Tensor x = wide(inputs[0]);
      Tensor squares = Ops.square(x);
      Tensor rstd = Ops.rsqrt(Ops.addScalar(Reduce.mean(squares, true, -1), eps));
      squares.close();
      context.save(inputs[0], rstd, inputs[1]);
      Tensor normalized = Ops.mul(x, rstd);
      if (normalized.dtype() == inputs[1].dtype()) {
        InPlace.mul(normalized, inputs[1]);
        return normalized;
      }
      return Ops.mul(Ops.to(normalized, inputs[0].dtype()), inputs[1]);
    }

    /** With gw = g w: dx = rstd gw - x rstd^3 mean(gw x), dw = sum(g x rstd). */
    @Override
    public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
      Tensor g = wide(gradOutput);
      Tensor x = wide(context.saved(0));
      Tensor rstd = context.saved(1);
      Tensor[] gradients = new Tensor[2];
      if (context.needs(0) && RmsKernel.takes(g, x, context.saved(2))) {
        gradients[0] = RmsKernel.backward(g, x, rstd, context.saved(2));
      } else if (context.needs(0)) {
        Tensor dx = Ops.mul(g, wide(context.saved(2)));
        Tensor along = Reduce.mean(Ops.mul(dx, x), true, -1);
        Tensor cubed = Ops.mul(Ops.square(rstd), rstd);
        InPlace.mul(dx, rstd);
        InPlace.addProduct(dx, x, Ops.mul(along, cubed), -1);
        gradients[0] = Ops.to(dx, context.dtype(0));
      }
      if (context.needs(1)) {
        Tensor dw = Broadcast.reduce(Ops.mul(Ops.mul(g, x), rstd), context.shape(1));
        gradients[1] = Ops.to(dw, context.dtype(1));
      }
      return gradients;
    }

    private static Tensor wide(Tensor x) {
      return x.dtype().bytes() > 2 ? x : Ops.to(x, DType.FLOAT32);
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public Phase phase() {
      return Phase.NORM;
    }

    @Override
    public String name() {
      return "rmsNorm";
    }
  }
}
