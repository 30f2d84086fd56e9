package dev.jlora.backend;

import dev.jlora.kernels.LoraSide;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * The frozen product chunk by chunk of rows, and the adapter's part as a {@link LoraSide} while the
 * chunk is still in the cache.
 */
final class ComposedLoraLinears implements LoraLinears {
  @Override
  public Output forward(Tensor x, Frozen layer, Adapter adapter) {
    LoraSide side = side(x, adapter);
    long n = x.size(0);
    Tensor middle = side.middle(n);
    Tensor y;
    if (n <= side.chunkRows()) {
      y = Gemm.forward(x, layer.weight(), layer.bias(), layer.transposed());
      side.forward(0, x, y, y, middle);
    } else {
      long out = layer.weight().size(layer.transposed() ? 1 : 0);
      y = Tensor.empty(x.dtype(), x.device(), n, out);
      inChunks(
          n,
          side.chunkRows(),
          (from, to) -> {
            Tensor chunk = Views.slice(x, 0, from, to);
            Tensor base = Gemm.forward(chunk, layer.weight(), layer.bias(), layer.transposed());
            side.forward(from, chunk, base, slice(y, from, to), slice(middle, from, to));
          });
    }
    return new Output(y, middle, adapter.a(), adapter.b());
  }

  @Override
  public Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      boolean transposed,
      Adapter adapter,
      @Nullable Tensor middle) {
    LoraSide side = side(g, adapter);
    LoraSide.Backward backward = side.backward(x != null, middle != null);
    long n = g.size(0);
    Tensor dx = null;
    if (n <= side.chunkRows()) {
      dx = weight == null ? null : Gemm.inputGradient(g, weight, transposed);
      backward.chunk(0, g, x, middle, dx, dx);
    } else {
      Tensor whole =
          weight == null
              ? null
              : Tensor.empty(g.dtype(), g.device(), n, weight.size(transposed ? 0 : 1));
      inChunks(
          n,
          side.chunkRows(),
          (from, to) -> {
            Tensor chunk = Views.slice(g, 0, from, to);
            Tensor base = weight == null ? null : Gemm.inputGradient(chunk, weight, transposed);
            Tensor into = slice(whole, from, to);
            backward.chunk(from, chunk, slice(x, from, to), slice(middle, from, to), base, into);
          });
      dx = whole;
    }
    LoraSide.Gradients gradients = backward.gradients();
    return new Gradients(dx, gradients.a(), gradients.b());
  }

  @Override
  public Tensor merged(Tensor weight, boolean transposed, Tensor a, Tensor b, double scale) {
    Tensor wide = Ops.to(weight, DType.FLOAT32);
    Tensor sum = Products.addmm(transposed ? Views.t(wide) : wide, b, a, 1, scale);
    return Ops.contiguous(transposed ? Views.t(sum) : sum);
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
  private static LoraSide side(Tensor like, Adapter adapter) {
    return LoraSide.of(
        like.dtype(), like.device(), adapter.a(), adapter.b(), adapter.mask(), adapter.factor());
  }
}
