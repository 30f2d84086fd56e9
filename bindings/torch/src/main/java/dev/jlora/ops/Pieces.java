package dev.jlora.ops;

import dev.jlora.tensor.HostHeap;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.function.Function;

/**
 * Computes large results of operators that cannot write into existing memory. The operator runs on
 * a few rows at a time; the result, in a buffer in the L2 cache that the next piece reuses, is
 * copied into memory of {@link HostHeap}. Every row is computed by the same kernel from the same
 * numbers as without pieces.
 */
final class Pieces {
  /**
   * Size of a piece of the result: enough for two threads to share, and no more than their caches
   * hold.
   */
  private static final long BYTES = 1 << 20;

  /** Smaller results take longer to copy than the page faults they would save. */
  private static final long LEAST_BYTES = 4 << 20;

  private Pieces() {}

  /** Whether a result of the shape and dtype of {@code x} should be computed in pieces. */
  static boolean worthwhile(Tensor x) {
    long bytes = x.elements() * x.dtype().bytes();
    return bytes > LEAST_BYTES && x.contiguous() && HostHeap.takes(x.device(), bytes);
  }

  /**
   * Fills tensors row by row.
   *
   * @param rows of every tensor, over its leading dimensions; all are contiguous
   * @param outs results to fill
   * @param ins inputs, of which {@code operator} gets rows as [rows, elements per row]
   * @param operator computes the same rows of all {@code outs}, in the current scope
   */
  static void fill(long rows, Tensor[] outs, Tensor[] ins, Function<Tensor[], Tensor[]> operator) {
    try (var _ = Scope.open()) {
      Tensor[] to = inRows(rows, outs);
      Tensor[] from = inRows(rows, ins);
      long step = Math.max(1, BYTES / (outs[0].elements() / rows * outs[0].dtype().bytes()));
      for (long begin = 0; begin < rows; begin += step) {
        long end = Math.min(rows, begin + step);
        try (var _ = Scope.open()) {
          Tensor[] made = operator.apply(slices(from, begin, end));
          Tensor[] places = slices(to, begin, end);
          for (int i = 0; i < places.length; i++) {
            places[i].copyFrom(Views.reshape(made[i], places[i].shape()));
          }
        }
      }
    }
  }

  private static Tensor[] inRows(long rows, Tensor[] tensors) {
    Tensor[] views = new Tensor[tensors.length];
    for (int i = 0; i < views.length; i++) {
      views[i] = Views.view(tensors[i], rows, tensors[i].elements() / rows);
    }
    return views;
  }

  private static Tensor[] slices(Tensor[] tensors, long begin, long end) {
    Tensor[] slices = new Tensor[tensors.length];
    for (int i = 0; i < slices.length; i++) {
      slices[i] = Views.slice(tensors[i], 0, begin, end);
    }
    return slices;
  }
}
