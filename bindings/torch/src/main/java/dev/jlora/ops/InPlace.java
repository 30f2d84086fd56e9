package dev.jlora.ops;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Operators that write into their first argument. */
public final class InPlace {
  private static final Operator FOREACH_ADDCMUL_ =
      Operator.withHostNumbers("aten::_foreach_addcmul_.Tensor");
  private static final Operator MUL_ = Operator.of("aten::mul_.Tensor");
  private static final Operator FILL_ = Operator.of("aten::fill_.Tensor");

  private InPlace() {}

  /**
   * {@code dst += alpha * src}; FLOAT32, FLOAT64, BFLOAT16 and FLOAT16. Shapes and dtypes must
   * agree.
   */
  public static void add(Tensor dst, Tensor src, double alpha) {
    if (dst.dtype() != src.dtype() || !Arrays.equals(dst.shape(), src.shape())) {
      throw new IllegalArgumentException(
          "InPlace.add: got %s += %s, expected one shape and dtype"
              .formatted(dst.describe(), src.describe()));
    }
    try (var _ = Scope.open()) {
      Tensor one = Tensor.full(1, dst.dtype(), dst.device());
      Tensor factor = Tensor.full(alpha, DType.FLOAT64, 1);
      FOREACH_ADDCMUL_.run(0, new Tensor[] {dst}, new Tensor[] {src}, new Tensor[] {one}, factor);
    }
  }

  /** {@code dst += alpha * a * b}, of one dtype; a and b may broadcast to the shape of dst. */
  public static void addProduct(Tensor dst, Tensor a, Tensor b, double alpha) {
    try (var _ = Scope.open()) {
      Tensor factor = Tensor.full(alpha, DType.FLOAT64, 1);
      FOREACH_ADDCMUL_.run(0, new Tensor[] {dst}, new Tensor[] {a}, new Tensor[] {b}, factor);
    }
  }

  /** Adds {@code a * b}, with each sum's shape, dtype and device, to each of {@code sums}. */
  public static void addProduct(List<Tensor> sums, Tensor a, Tensor b) {
    Tensor[] dst = sums.toArray(Tensor[]::new);
    Tensor[] left = new Tensor[dst.length];
    Tensor[] right = new Tensor[dst.length];
    Arrays.fill(left, a);
    Arrays.fill(right, b);
    try (var _ = Scope.open()) {
      FOREACH_ADDCMUL_.run(0, dst, left, right, Tensor.full(1, DType.FLOAT64, dst.length));
    }
  }

  /** {@code dst *= factor}. */
  public static void mul(Tensor dst, double factor) {
    try (var _ = Scope.open()) {
      MUL_.run(1, dst, Tensor.scalar(factor, dst.dtype()));
    }
  }

  /** {@code dst *= factor}, broadcasting the factor. */
  public static void mul(Tensor dst, Tensor factor) {
    MUL_.run(1, dst, factor);
  }

  /** Sets every element to one value. */
  public static void fill(Tensor dst, double value) {
    try (var _ = Scope.open()) {
      FILL_.run(1, dst, Tensor.scalar(value, dst.dtype()));
    }
  }
}
