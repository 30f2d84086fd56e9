package dev.jlora.ops;

import dev.jlora.tensor.HostHeap;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.function.Function;

/**
 * Large results of operators that cannot write into memory that is there. The operator runs on a
 * few rows at a time; what it makes of them lies in the second-level cache, in a buffer that the
 * next piece takes again, and is copied from there into memory of {@link HostHeap}. Every row comes
 * out of the same kernel as without this, from the same numbers.
 */
final class Pieces {
  /** Of a result: enough for two threads to share, and no more than their caches hold. */
  private static final long BYTES = 1 << 20;

  /** Copies of smaller results take longer than the page faults that they save. */
  private static final long LEAST_BYTES = 4 << 20;

  private Pieces() {}

  /** Whether a result of the shape and dtype of {@code x} is better made so. */
  static boolean worthwhile(Tensor x) {
    long bytes = x.elements() * x.dtype().bytes();
    return bytes > LEAST_BYTES && x.contiguous() && HostHeap.takes(x.device(), bytes);
  }

  /**
   * Fills tensors row by row.
   *
   * @param rows that every tensor has, over its leading dimensions; all are contiguous
   * @param outs what to fill
   * @param ins what {@code operator} gets rows of, as [rows, elements of a row]
   * @param operator makes the same rows of all {@code outs}, in the current scope
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
