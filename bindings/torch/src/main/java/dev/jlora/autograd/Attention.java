package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Gemm;
import dev.jlora.backend.Masking;
import dev.jlora.kernels.AttentionKernel;
import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * softmax(scale q k^T + mask) v with dropout on the probabilities, over q [b, h, s, d] and k, v [b,
 * h, t, d]. The mask is additive, has q's dtype, and broadcasts to [b, h, s, t], or is null; it
 * gets no gradient.
 *
 * <p>Three implementations: jlora's tiled kernel; libtorch's fused kernel without dropout; and a
 * composition of operators with dropout, which saves the probabilities before dropout and
 * recomputes the dropped ones in backward.
 */
final class Attention {
  private Attention() {}

  /**
   * Selects the implementation: tiles if the kernel supports the input.
   *
   * @param drop the dropout mask, null for none
   */
  static Function of(
      Tensor q, Tensor k, Tensor v, boolean causal, double scale, @Nullable DropMask drop) {
    if (AttentionKernel.serves(q, k, v)) {
      return new Tiled(causal, scale, drop);
    }
    return drop == null && q.dtype().bytes() > 2
        ? new Fused(causal, scale)
        : new Composed(causal, scale, drop);
  }

  /** The common part of the implementations. */
  private sealed interface Variant extends Function {
    @Override
    default Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    default Phase phase() {
      return Phase.ATTENTION;
    }

    @Override
    default String name() {
      return "attention";
    }
  }

  /**
   * The tiled kernel, with or without dropout; saves the inputs and two numbers per row.
   *
   * @param unpadded the rows of an unpadded batch [1, h, T, d]; null for rows of equal length
   */
  record Tiled(
      boolean causal, double scale, @Nullable DropMask drop, @Nullable UnpaddedRows unpadded)
      implements Variant {
    Tiled(boolean causal, double scale, @Nullable DropMask drop) {
      this(causal, scale, drop, null);
    }

    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      AttentionKernel.Result result =
          new AttentionKernel(inputs[3], causal, scale, drop, unpadded)
              .forward(inputs[0], inputs[1], inputs[2]);
      context.save(inputs[0], inputs[1], inputs[2], result.statistics(), inputs[3]);
      return result.out();
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      refuseMaskGradient(context, 3);
      Tensor[] gradients =
          new AttentionKernel(context.saved(4), causal, scale, drop, unpadded)
              .backward(
                  g,
                  context.saved(0),
                  context.saved(1),
                  context.saved(2),
                  context.saved(3),
                  context.needs(0),
                  context.needs(1),
                  context.needs(2));
      return Arrays.copyOf(gradients, 4);
    }
  }

  /** libtorch's flash kernel, without dropout; never stores the probabilities. */
  record Fused(boolean causal, double scale) implements Variant {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor[] result = NeuralOps.sdpa(inputs[0], inputs[1], inputs[2], inputs[3], causal, scale);
      context.save(inputs[0], inputs[1], inputs[2], result[0], result[1], inputs[3]);
      return result[0];
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      refuseMaskGradient(context, 3);
      Tensor[] all =
          NeuralOps.sdpaBackward(
              g,
              context.saved(0),
              context.saved(1),
              context.saved(2),
              context.saved(3),
              context.saved(4),
              context.saved(5),
              causal,
              scale);
      Tensor[] gradients = new Tensor[4];
      for (int i = 0; i < 3; i++) {
        gradients[i] = context.needs(i) ? all[i] : null;
      }
      return gradients;
    }
  }

  /**
   * A composition of operators, with dropout unless {@code mask} is null. Heads are folded into the
   * batch, [b h, s, d].
   */
  record Composed(boolean causal, double scale, @Nullable DropMask mask) implements Variant {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor q = folded(inputs[0]);
      Tensor k = folded(inputs[1]);
      Tensor v = folded(inputs[2]);
      Tensor scores = scores(q, k, inputs[0].shape(), inputs[3]);
      Tensor probabilities = NeuralOps.softmax(scores, -1);
      scores.close();
      boolean qk = context.needs(0) || context.needs(1);
      context.save(
          context.needs(1) ? q : null, context.needs(0) ? k : null, qk ? v : null, probabilities);
      Tensor dropped = drop(context, probabilities);
      return Views.view(Products.bmm(dropped, v), Gemm.withLast(inputs[0].shape(), v.size(2)));
    }

    private Tensor drop(Context context, Tensor probabilities) {
      if (mask == null) {
        return probabilities;
      }
      if (context.needsAny()) {
        return masking(probabilities).times(mask, probabilities, mask.scale());
      }
      masking(probabilities).timesInPlace(mask, probabilities, mask.scale());
      return probabilities;
    }

    private static Masking masking(Tensor x) {
      return Backend.of(x.device()).masking();
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
      refuseMaskGradient(context, 3);
      Tensor g = folded(gradOutput);
      Tensor probabilities = context.saved(3);
      Tensor[] gradients = new Tensor[4];
      if (context.needs(2)) {
        try (var _ = Scope.open()) {
          Tensor dropped =
              mask == null
                  ? probabilities
                  : masking(probabilities).times(mask, probabilities, mask.scale());
          Tensor dv = Products.bmm(Views.transpose(dropped, 1, 2), g);
          gradients[2] = Scope.moveOut(unfolded(context, 2, dv));
        }
      }
      if (context.needs(0) || context.needs(1)) {
        Tensor gp = Products.bmm(g, Views.transpose(context.saved(2), 1, 2));
        if (mask != null) {
          masking(gp).timesInPlace(mask, gp, mask.scale());
        }
        Tensor gs = NeuralOps.softmaxBackward(gp, probabilities, -1, gp.dtype());
        gp.close();
        if (context.needs(0)) {
          gradients[0] = unfolded(context, 0, product(gs, context.saved(1), scale));
        }
        if (context.needs(1)) {
          Tensor dk = product(Views.transpose(gs, 1, 2), context.saved(0), scale);
          gradients[1] = unfolded(context, 1, dk);
        }
      }
      return gradients;
    }

    /**
     * scale q k^T plus the masks: the additive part is written first, the product accumulates into
     * it.
     */
    private Tensor scores(Tensor q, Tensor k, long[] shape, @Nullable Tensor additive) {
      Tensor keys = Views.transpose(k, 1, 2);
      if (additive == null && !causal) {
        return product(q, keys, scale);
      }
      long rows = q.size(1);
      long columns = k.size(1);
      Tensor scores = Tensor.empty(q.dtype(), q.device(), shape[0], shape[1], rows, columns);
      if (additive == null) {
        scores.copyFrom(future(scores));
      } else if (causal) {
        scores.copyFrom(Ops.add(additive, future(scores)));
      } else {
        scores.copyFrom(additive);
      }
      Tensor folded = folded(scores);
      scores.close();
      Products.baddbmmOut(folded, folded, q, keys, 1, scale);
      return folded;
    }

    /** [s, t]: minus infinity for later positions, 0 elsewhere. */
    private static Tensor future(Tensor scores) {
      Tensor blocked =
          Tensor.full(
              Double.NEGATIVE_INFINITY,
              scores.dtype(),
              scores.device(),
              scores.size(2),
              scores.size(3));
      return Ops.triu(blocked, 1);
    }
  }

  /** factor * a b for batches of matrices. */
  private static Tensor product(Tensor a, Tensor b, double factor) {
    Tensor out = Tensor.empty(a.dtype(), a.device(), a.size(0), a.size(1), b.size(2));
    Products.baddbmmOut(out, out, a, b, 0, factor);
    return out;
  }

  private static Tensor folded(Tensor x) {
    long[] shape = x.shape();
    return Views.reshape(x, shape[0] * shape[1], shape[2], shape[3]);
  }

  private static Tensor unfolded(Function.Context context, int input, Tensor gradient) {
    return Views.view(gradient, context.shape(input));
  }

  /**
   * @param mask index of the mask among the inputs
   */
  static void refuseMaskGradient(Function.Context context, int mask) {
    if (context.needs(mask)) {
      throw new UnsupportedOperationException(
          "attention: the mask gets no gradient; do not watch what it is made from");
    }
  }

  /** Rejects incompatible shapes and dtypes. */
  static void check(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
    boolean fits =
        q.rank() == 4
            && k.rank() == 4
            && v.rank() == 4
            && q.size(0) == k.size(0)
            && q.size(1) == k.size(1)
            && q.size(3) == k.size(3)
            && k.size(0) == v.size(0)
            && k.size(1) == v.size(1)
            && k.size(2) == v.size(2);
    if (!fits) {
      throw new IllegalArgumentException(
          "attention: got q %s, k %s, v %s, expected [b, h, s, d], [b, h, t, d], [b, h, t, d]"
              .formatted(q.describe(), k.describe(), v.describe()));
    }
    if (mask != null && mask.dtype() != q.dtype()) {
      throw new IllegalArgumentException(
          "attention: got a mask of dtype %s, expected an additive one of q's dtype, %s; %s"
              .formatted(
                  mask.dtype(),
                  q.dtype(),
                  mask.dtype() == DType.BOOL
                      ? "put 0 where it holds and the lowest finite value elsewhere"
                      : "cast it"));
    }
  }
}
