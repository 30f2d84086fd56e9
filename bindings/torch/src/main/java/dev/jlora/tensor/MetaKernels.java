package dev.jlora.tensor;

import java.util.Arrays;

/**
 * The direct kernels on {@link Device#META}: shapes and dtypes only, inferred by libtorch's shape
 * functions behind the dispatcher.
 */
final class MetaKernels {
  private static final Operator MUL = Operator.of("aten::mul.Tensor");
  private static final Operator MM = Operator.of("aten::mm");
  private static final Operator BMM = Operator.of("aten::bmm");

  private MetaKernels() {}

  /** Result of two operands that broadcast: sums have the shape and dtype of products. */
  static Tensor elementwise(Tensor a, Tensor b) {
    return MUL.one(a, b);
  }

  /**
   * Result of an operand and a number, which changes neither its shape nor a floating dtype, not
   * even that of a scalar.
   */
  static Tensor withNumber(Tensor a) {
    DType number = a.dtype().floating() ? a.dtype() : DType.FLOAT64;
    try (var _ = Scope.open()) {
      return Scope.moveOut(MUL.one(a, Tensor.scalar(1, number)));
    }
  }

  /** Checks that {@code out} has the shape of a product. */
  static void product(Tensor out, Tensor a, Tensor b) {
    Direct.requireOneDevice(out, a, b);
    try (var _ = Scope.open()) {
      Tensor product = (a.rank() == 3 ? BMM : MM).one(a, b);
      if (!Arrays.equals(out.rawShape(), product.rawShape()) || out.dtype() != product.dtype()) {
        throw new IllegalArgumentException(
            "product: got %s for the result of %s and %s, expected %s"
                .formatted(out.describe(), a.describe(), b.describe(), product.describe()));
      }
    }
  }
}
