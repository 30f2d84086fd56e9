package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.backend.LayerNorms.Gradients;
import dev.jlora.backend.LayerNorms.Normalized;
import dev.jlora.backend.LayerNorms.Wanted;
import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.RmsKernel;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Norms over the last dimension. Statistics of 16-bit inputs are FLOAT32. */
final class Norms {
  private Norms() {}

  /** Inputs: x [..., n], weight [n] or null, bias [n] or null. */
  record LayerNorm(double eps) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return normalized(context, inputs[0], null, inputs[1], inputs[2], eps, null);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Wanted wanted = new Wanted(context.needs(0), false, context.needs(1), context.needs(2));
      Gradients gradients = gradients(context, g, null, wanted);
      return new Tensor[] {
        gradients.x(), in(context, 1, gradients.weight()), in(context, 2, gradients.bias())
      };
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
   * Layer norm of residual + mask * x / P(keep). Inputs: x, residual, weight, bias; x and residual
   * have the same shape. Only the sum is saved, not its terms.
   *
   * @param mask of the dropout, null for none
   */
  record DropoutAddLayerNorm(double eps, @Nullable DropMask mask) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return normalized(context, inputs[0], inputs[1], inputs[2], inputs[3], eps, mask);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Wanted wanted =
          new Wanted(context.needs(0), context.needs(1), context.needs(2), context.needs(3));
      Gradients gradients = gradients(context, g, mask, wanted);
      return new Tensor[] {
        gradients.x(),
        gradients.residual(),
        in(context, 2, gradients.weight()),
        in(context, 3, gradients.bias())
      };
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

  /** Normalizes, and saves the arguments of {@link #gradients}. */
  private static Tensor normalized(
      Function.Context context,
      Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable DropMask mask) {
    Normalized it =
        Backend.of(x.device()).layerNorms().forward(x, residual, weight, bias, eps, mask);
    context.save(it.sum(), it.mean(), it.rstd(), it.weight(), it.bias());
    return it.y();
  }

  private static Gradients gradients(
      Function.Context context, Tensor g, @Nullable DropMask mask, Wanted wanted) {
    Normalized normalized =
        new Normalized(
            null,
            context.saved(0),
            context.saved(1),
            context.saved(2),
            context.saved(3),
            context.saved(4));
    return Backend.of(g.device()).layerNorms().backward(g, normalized, mask, wanted);
  }

  /** Casts a gradient to the dtype of input {@code i}. */
  private static @Nullable Tensor in(Function.Context context, int i, @Nullable Tensor gradient) {
    return gradient == null ? null : Ops.to(gradient, context.dtype(i));
  }

  /**
   * x / sqrt(mean(x^2) + eps) * weight (arXiv:1910.07467). Inputs: x [..., n], weight [n]. As in
   * transformers, 16-bit input is normalized in FLOAT32 and rounded before multiplying by the
   * weight.
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
