package dev.jlora.autograd;

import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.LoraSide;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * y = x W^T + b + scale * dropout(x) A^T B^T, as one function.
 *
 * <p>Inputs: x [..., in], W [out, in] (or [in, out] where {@code transposed}), b [out] or null, A
 * [r, in], B [out, r]. A and B may be of another dtype than x (float masters of a bfloat16 model);
 * their gradients return in their own. What is saved is x, the weights, and x A^T [N, r]: the
 * dropped x is made again in backward. The adapter's part is a {@link LoraSide}.
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
    LoraSide side = side(rows, inputs[A], inputs[B]);
    Tensor middle = side.middle(rows.size(0));
    Tensor y = forward(side, rows, weight, inputs[BIAS], middle);
    context.save(
        context.needs(WEIGHT) || context.needs(A) ? x : null,
        context.needs(X) ? weight : null,
        inputs[A],
        inputs[B],
        context.needs(B) ? middle : null);
    return x.rank() == 2 ? y : Views.view(y, Gemm.withLast(x.shape(), y.size(1)));
  }

  private Tensor forward(
      LoraSide side, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor middle) {
    long n = x.size(0);
    if (n <= side.chunkRows()) {
      Tensor y = Gemm.forward(x, weight, bias, transposed);
      side.forward(0, x, y, y, middle);
      return y;
    }
    Tensor y = Tensor.empty(x.dtype(), x.device(), n, weight.size(transposed ? 1 : 0));
    inChunks(
        n,
        side.chunkRows(),
        (from, to) -> {
          Tensor chunk = Views.slice(x, 0, from, to);
          Tensor base = Gemm.forward(chunk, weight, bias, transposed);
          side.forward(from, chunk, base, slice(y, from, to), slice(middle, from, to));
        });
    return y;
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
    Tensor g = Gemm.rows(gradOutput);
    Tensor x = context.needs(A) ? Gemm.rows(context.saved(0)) : null;
    Tensor weight = context.needs(X) ? context.saved(1) : null;
    Tensor a = context.saved(2);
    Tensor b = context.saved(3);
    LoraSide side = side(g, a, b);
    LoraSide.Backward backward = side.backward(context.needs(A), context.needs(B));
    Tensor middle = context.needs(B) ? context.saved(4) : null;
    Tensor dx = backward(backward, side.chunkRows(), g, x, weight, middle);
    LoraSide.Gradients adapter = backward.gradients();
    Tensor[] gradients = new Tensor[5];
    gradients[X] = dx == null ? null : Views.view(dx, context.shape(X));
    gradients[A] = in(a.dtype(), adapter.a());
    gradients[B] = in(b.dtype(), adapter.b());
    if (context.needs(WEIGHT)) {
      gradients[WEIGHT] = Gemm.weightGradient(g, Gemm.rows(context.saved(0)), transposed);
    }
    if (context.needs(BIAS)) {
      gradients[BIAS] = Reduce.sum(g, false, 0);
    }
    return gradients;
  }

  /** The gradient of x; null where there is no weight to carry it. */
  private @Nullable Tensor backward(
      LoraSide.Backward side,
      long chunkRows,
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor middle) {
    long n = g.size(0);
    if (n <= chunkRows) {
      Tensor dx = weight == null ? null : Gemm.inputGradient(g, weight, transposed);
      side.chunk(0, g, x, middle, dx, dx);
      return dx;
    }
    Tensor dx =
        weight == null
            ? null
            : Tensor.empty(g.dtype(), g.device(), n, weight.size(transposed ? 0 : 1));
    inChunks(
        n,
        chunkRows,
        (from, to) -> {
          Tensor chunk = Views.slice(g, 0, from, to);
          Tensor base = weight == null ? null : Gemm.inputGradient(chunk, weight, transposed);
          side.chunk(
              from, chunk, slice(x, from, to), slice(middle, from, to), base, slice(dx, from, to));
        });
    return dx;
  }

  /** Work on rows {@code from} to {@code to}, exclusive. */
  private interface Chunk {
    void run(long from, long to);
  }

  private static void inChunks(long rows, long size, Chunk work) {
    for (long from = 0; from < rows; from += size) {
      try (var _ = Scope.open()) {
        work.run(from, Math.min(rows, from + size));
      }
    }
  }

  private static @Nullable Tensor slice(@Nullable Tensor rows, long from, long to) {
    return rows == null ? null : Views.slice(rows, 0, from, to);
  }

  /** The same for forward and backward, whose tensors are alike in dtype and device. */
  private LoraSide side(Tensor activations, Tensor a, Tensor b) {
    return LoraSide.of(
        activations.dtype(),
        activations.device(),
        a,
        b,
        mask,
        mask == null ? scale : scale * mask.scale());
  }

  private static @Nullable Tensor in(DType dtype, @Nullable Tensor tensor) {
    return tensor == null || tensor.dtype() == dtype ? tensor : Ops.to(tensor, dtype);
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
