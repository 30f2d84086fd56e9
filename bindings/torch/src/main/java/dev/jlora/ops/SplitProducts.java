package dev.jlora.ops;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Direct;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;

/**
 * FLOAT32 and FLOAT64 products on the CPU, distributed over libtorch's threads by parts of the
 * result. The BLAS runs each part on one thread: its own pool is disabled, because it would compete
 * with libtorch's for the cores. 16-bit products use oneDNN, which runs on libtorch's threads.
 */
final class SplitProducts {
  /** For fewer multiply-adds than this, waking a thread costs more than it saves. */
  private static final long WORTH_SPLITTING = 1 << 20;

  private SplitProducts() {}

  /** One product: computes a part of {@code out} from {@code a} and {@code b}. */
  @FunctionalInterface
  interface Product {
    void into(Tensor out, Tensor a, Tensor b);
  }

  /** [n, k] x [k, m] into [n, m], split along the longer side of the result. */
  static void matrices(Tensor out, Tensor a, Tensor b, Product product) {
    long rows = out.size(0);
    long columns = out.size(1);
    if (!worthSplitting(out, rows * columns * a.size(1))) {
      product.into(out, a, b);
    } else if (rows >= columns) {
      pieces(
          rows,
          (from, to) ->
              product.into(Views.slice(out, 0, from, to), Views.slice(a, 0, from, to), b));
    } else {
      pieces(
          columns,
          (from, to) ->
              product.into(Views.slice(out, 1, from, to), a, Views.slice(b, 1, from, to)));
    }
  }

  /** [b, n, k] x [b, k, m] into [b, n, m], split along the batch. */
  static void batches(Tensor out, Tensor a, Tensor b, Product product) {
    long batch = out.size(0);
    if (!worthSplitting(out, out.elements() * a.size(2))) {
      product.into(out, a, b);
    } else {
      pieces(
          batch,
          (from, to) ->
              product.into(
                  Views.slice(out, 0, from, to),
                  Views.slice(a, 0, from, to),
                  Views.slice(b, 0, from, to)));
    }
  }

  static void mm(Tensor out, Tensor a, Tensor b) {
    matrices(out, a, b, Direct::mm);
  }

  static void bmm(Tensor out, Tensor a, Tensor b) {
    batches(out, a, b, Direct::bmm);
  }

  private static boolean worthSplitting(Tensor out, long multiplyAdds) {
    return multiplyAdds >= WORTH_SPLITTING
        && out.device().kind() == Device.Kind.CPU
        && (out.dtype() == DType.FLOAT32 || out.dtype() == DType.FLOAT64)
        && Torch.threads() > 1;
  }

  private static void pieces(long count, Parallel.Range work) {
    long grain = Math.ceilDiv(count, Torch.threads());
    Parallel.forRange(
        0,
        count,
        grain,
        (from, to) -> {
          try (var _ = Scope.open()) {
            work.run(from, to);
          }
        });
  }
}
