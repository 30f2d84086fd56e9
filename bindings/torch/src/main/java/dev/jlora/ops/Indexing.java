package dev.jlora.ops;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;

/** Selecting, scattering and sorting elements by indices (INT64). */
public final class Indexing {
  private static final Operator INDEX_SELECT = Operator.of("aten::index_select");
  private static final Operator INDEX_COPY = Operator.of("aten::index_copy");
  private static final Operator SCATTER_ADD = Operator.of("aten::scatter_add");
  private static final Operator SORT = Operator.of("aten::sort.stable");
  private static final Operator BUCKETIZE = Operator.of("aten::bucketize.Tensor");
  private static final Operator INDEX = Operator.of("aten::index.Tensor");

  private Indexing() {}

  /** Rows {@code ids} (INT64, 1-D) of a dimension. */
  public static Tensor indexSelect(Tensor x, int dim, Tensor ids) {
    return INDEX_SELECT.one(x, dim, ids);
  }

  /** Elements at tuples of indices: {@code out[i] = x[ids0[i], ids1[i], ...]}. */
  public static Tensor index(Tensor x, Tensor... ids) {
    Operator.Some[] indices = new Operator.Some[ids.length];
    for (int i = 0; i < ids.length; i++) {
      indices[i] = new Operator.Some(ids[i]);
    }
    return INDEX.one(x, indices);
  }

  /** {@code x} with {@code src} in place of the rows {@code ids} of a dimension (a copy). */
  public static Tensor indexCopy(Tensor x, int dim, Tensor ids, Tensor src) {
    return INDEX_COPY.one(x, dim, ids, src);
  }

  /** {@code x} with {@code src} added at {@code ids} along a dimension (a copy). */
  public static Tensor scatterAdd(Tensor x, int dim, Tensor ids, Tensor src) {
    return SCATTER_ADD.one(x, dim, ids, src);
  }

  /** Elements of a vector in ascending order, stable: [values, positions]. */
  public static Tensor[] sort(Tensor x) {
    return SORT.many(2, x, Operator.some(true), 0, false);
  }

  /** Number of {@code borders} [n] (ascending) below each element, INT32. */
  public static Tensor bucketize(Tensor x, Tensor borders) {
    return BUCKETIZE.one(x, borders, true, false);
  }

  /** 0 to n - 1, INT64. */
  public static Tensor arange(long n) {
    long[] values = new long[Math.toIntExact(n)];
    Arrays.setAll(values, i -> i);
    return Tensor.of(values, n);
  }

  /** 0 to n - 1, INT64, created on a device; a copy from the host would wait for it. */
  public static Tensor arange(long n, Device device) {
    if (device.host()) {
      return arange(n);
    }
    try (var _ = Scope.open()) {
      Tensor steps = Tensor.ones(DType.INT64, device, n);
      if (n > 0) {
        InPlace.fill(Views.slice(steps, 0, 0, 1), 0);
      }
      return Scope.moveOut(Reduce.cumsum(steps, 0));
    }
  }
}
