package dev.jlora.backend;

import dev.jlora.kernels.LinearKernel;
import dev.jlora.ops.Products;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All products of activations with a weight, in one place, so that a faster library can replace all
 * of them at once. Activations are [N, in]; a weight is [out, in], or [in, out] if {@code
 * transposed} (GPT-2's Conv1D).
 */
public final class Gemm {
  private Gemm() {}

  /** x W^T + bias: [N, in] to [N, out]. */
  public static Tensor forward(Tensor x, Tensor weight, @Nullable Tensor bias, boolean transposed) {
    try (var _ = Profiler.enter(Phase.GEMM)) {
      return product(x, transposed ? Views.t(weight) : weight, bias);
    }
  }

  /** The gradient of x, g W: [N, out] to [N, in]. */
  public static Tensor inputGradient(Tensor g, Tensor weight, boolean transposed) {
    try (var _ = Profiler.enter(Phase.GEMM)) {
      return product(g, transposed ? weight : Views.t(weight), null);
    }
  }

  private static Tensor product(Tensor x, Tensor weight, @Nullable Tensor bias) {
    Tensor tiled = LinearKernel.product(x, Views.t(weight), bias);
    return tiled == null ? Products.linear(x, weight, bias) : tiled;
  }

  /**
   * Adds the gradient of x to a sum [N, in].
   *
   * @return whether it was added: not every product supports accumulation
   */
  public static boolean addInputGradient(Tensor sum, Tensor g, Tensor weight, boolean transposed) {
    try (var _ = Profiler.enter(Phase.GEMM)) {
      return LinearKernel.add(sum, g, transposed ? Views.t(weight) : weight);
    }
  }

  /** The gradient of W, in its own layout. */
  public static Tensor weightGradient(Tensor g, Tensor x, boolean transposed) {
    try (var _ = Profiler.enter(Phase.GEMM)) {
      return transposed ? Products.mm(Views.t(x), g) : Products.mm(Views.t(g), x);
    }
  }

  /** [..., n] as [N, n]: a view if x is contiguous, a copy otherwise. */
  public static Tensor rows(Tensor x) {
    return x.rank() == 2 ? x : Views.reshape(x, -1, x.size(-1));
  }

  /** The shape of x with its last dimension replaced. */
  public static long[] withLast(long[] shape, long last) {
    long[] result = shape.clone();
    result[result.length - 1] = last;
    return result;
  }

  /** Rejects incompatible shapes, with a message that names them. */
  public static void check(
      String name, Tensor x, Tensor weight, @Nullable Tensor bias, boolean transposed) {
    String layout = transposed ? "[in, out]" : "[out, in]";
    if (weight.rank() != 2 || x.rank() < 1) {
      throw new IllegalArgumentException(
          "%s: got x of shape %s and a weight of shape %s, expected [..., in] and %s"
              .formatted(
                  name, Arrays.toString(x.shape()), Arrays.toString(weight.shape()), layout));
    }
    long in = weight.size(transposed ? 0 : 1);
    long out = weight.size(transposed ? 1 : 0);
    if (x.size(-1) != in) {
      throw new IllegalArgumentException(
          "%s: got x of shape %s, expected [..., %d] for a weight %s of shape %s"
              .formatted(
                  name, Arrays.toString(x.shape()), in, layout, Arrays.toString(weight.shape())));
    }
    if (bias != null && (bias.rank() != 1 || bias.size(0) != out)) {
      throw new IllegalArgumentException(
          "%s: got a bias of shape %s, expected [%d] for a weight %s of shape %s"
              .formatted(
                  name,
                  Arrays.toString(bias.shape()),
                  out,
                  layout,
                  Arrays.toString(weight.shape())));
    }
    if (x.dtype() != weight.dtype() || (bias != null && bias.dtype() != x.dtype())) {
      throw new IllegalArgumentException(
          "%s: got x in %s, a weight in %s and a bias in %s; expected one dtype; cast the others"
              .formatted(name, x.dtype(), weight.dtype(), bias == null ? "none" : bias.dtype()));
    }
  }
}
