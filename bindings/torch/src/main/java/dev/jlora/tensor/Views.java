package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.TensorHandles;

/**
 * Views of a tensor's memory ({@link #reshape} copies if necessary). Shapes and strides are
 * computed and checked in Java; libtorch only creates the handle (some 70 ns instead of 600 through
 * the dispatcher). The storage of the base lives as long as any view of it.
 */
public final class Views {
  private static final Operator RESHAPE = Operator.of("aten::reshape");

  private Views() {}

  /** The same elements in another shape; one size may be -1. The tensor must be contiguous. */
  public static Tensor view(Tensor base, long... shape) {
    long[] resolved = resolve(base, shape);
    if (!base.contiguous()) {
      throw new IllegalArgumentException(
          "view: %s is not contiguous; use reshape".formatted(base.describe()));
    }
    return make(base, resolved, Shapes.contiguousStrides(resolved), 0);
  }

  /** The same elements in another shape, copied only if the tensor is not contiguous. */
  public static Tensor reshape(Tensor base, long... shape) {
    return base.contiguous() ? view(base, shape) : RESHAPE.one(base, resolve(base, shape));
  }

  /** Replaces a -1 and checks that the number of elements is unchanged. */
  private static long[] resolve(Tensor base, long... shape) {
    long[] resolved = shape.clone();
    int free = -1;
    long known = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == -1 && free < 0) {
        free = i;
      } else {
        known *= shape[i];
      }
    }
    long elements = base.elements();
    if (free >= 0 && known > 0 && elements % known == 0) {
      resolved[free] = elements / known;
      known = elements;
    }
    if (known != elements || (free >= 0 && resolved[free] < 0)) {
      throw new IllegalArgumentException(
          "shape %s does not hold the %d elements of %s"
              .formatted(Shapes.text(shape), elements, base.describe()));
    }
    return resolved;
  }

  /** Swaps two dimensions. */
  public static Tensor transpose(Tensor base, int dim0, int dim1) {
    int a = Shapes.dim(dim0, base.rank());
    int b = Shapes.dim(dim1, base.rank());
    long[] shape = base.shape();
    long[] strides = base.strides();
    swap(shape, a, b);
    swap(strides, a, b);
    return make(base, shape, strides, 0);
  }

  /** Transpose of a matrix. */
  public static Tensor t(Tensor base) {
    if (base.rank() != 2) {
      throw new IllegalArgumentException("t: got %s, expected a matrix".formatted(base.describe()));
    }
    return transpose(base, 0, 1);
  }

  private static void swap(long[] values, int a, int b) {
    long kept = values[a];
    values[a] = values[b];
    values[b] = kept;
  }

  /** Reorders the dimensions. */
  public static Tensor permute(Tensor base, int... dims) {
    int rank = base.rank();
    if (dims.length != rank) {
      throw new IllegalArgumentException(
          "permute: got %d dimensions, expected %d".formatted(dims.length, rank));
    }
    long[] shape = new long[rank];
    long[] strides = new long[rank];
    boolean[] seen = new boolean[rank];
    for (int i = 0; i < rank; i++) {
      int dim = Shapes.dim(dims[i], rank);
      if (seen[dim]) {
        throw new IllegalArgumentException("permute: dimension %d twice".formatted(dim));
      }
      seen[dim] = true;
      shape[i] = base.rawShape()[dim];
      strides[i] = base.rawStrides()[dim];
    }
    return make(base, shape, strides, 0);
  }

  /** Elements {@code start} (inclusive) to {@code end} (exclusive) of one dimension. */
  public static Tensor slice(Tensor base, int dim, long start, long end) {
    int d = Shapes.dim(dim, base.rank());
    long size = base.rawShape()[d];
    if (start < 0 || end < start || end > size) {
      throw new IndexOutOfBoundsException(
          "slice: got %d to %d of dimension %d, expected a range within 0 to %d"
              .formatted(start, end, d, size));
    }
    long[] shape = base.shape();
    shape[d] = end - start;
    return make(base, shape, base.strides(), start * base.rawStrides()[d]);
  }

  /** One element of a dimension, which is removed. */
  public static Tensor select(Tensor base, int dim, long index) {
    int d = Shapes.dim(dim, base.rank());
    long size = base.rawShape()[d];
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(
          "select: got index %d of dimension %d, expected 0 to %d".formatted(index, d, size - 1));
    }
    return make(
        base,
        without(base.rawShape(), d),
        without(base.rawStrides(), d),
        index * base.rawStrides()[d]);
  }

  /** Inserts a dimension of size 1 at {@code dim} (0 to rank). */
  public static Tensor unsqueeze(Tensor base, int dim) {
    int d = Shapes.dim(dim, base.rank() + 1);
    return make(base, with(base.rawShape(), d, 1), with(base.rawStrides(), d, 1), 0);
  }

  /** Repeats dimensions of size 1 without memory; -1 keeps a size. Do not write to the result. */
  public static Tensor expand(Tensor base, long... shape) {
    int added = shape.length - base.rank();
    if (added < 0) {
      throw new IllegalArgumentException(
          "expand: got %s, expected at least the rank of %s"
              .formatted(Shapes.text(shape), base.describe()));
    }
    long[] target = shape.clone();
    long[] strides = new long[shape.length];
    for (int i = added; i < shape.length; i++) {
      long size = base.rawShape()[i - added];
      if (target[i] == -1) {
        target[i] = size;
      }
      if (size == target[i]) {
        strides[i] = base.rawStrides()[i - added];
      } else if (size != 1) {
        throw new IllegalArgumentException(
            "expand: %s does not broadcast to %s".formatted(base.describe(), Shapes.text(shape)));
      }
    }
    return make(base, target, strides, 0);
  }

  private static Tensor make(Tensor base, long[] shape, long[] strides, long offset) {
    NativeCall call = NativeCall.local();
    call.writeShape(shape, strides);
    check(
        TensorHandles.reinterpret(
            base.handle(), shape.length, call.sizes, call.strides, offset, call.out),
        () -> "view of " + base.describe());
    return Tensor.viewOf(call.outLong(), shape, strides, base, 0);
  }

  private static long[] without(long[] values, int at) {
    long[] result = new long[values.length - 1];
    System.arraycopy(values, 0, result, 0, at);
    System.arraycopy(values, at + 1, result, at, result.length - at);
    return result;
  }

  private static long[] with(long[] values, int at, long value) {
    long[] result = new long[values.length + 1];
    System.arraycopy(values, 0, result, 0, at);
    result[at] = value;
    System.arraycopy(values, at, result, at + 1, values.length - at);
    return result;
  }
}
