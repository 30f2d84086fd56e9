package dev.jlora.ops;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;

/** The discrete Fourier transform of a real matrix. */
public final class Fourier {
  private static final Operator REAL_TO_COMPLEX = Operator.of("aten::_fft_r2c");
  private static final Operator REAL = Operator.of("aten::real");

  private Fourier() {}

  /**
   * The real part of the two-dimensional transform: y[m, n] is the sum over p, q of x[p, q] cos(2
   * pi (p m / rows + q n / columns)). Divided by the number of elements, it is the real part of the
   * inverse transform of x, too. The transform is symmetric: it is its own transpose.
   *
   * @param x [rows, columns], FLOAT32 or FLOAT64
   * @return of x's shape and dtype
   */
  public static Tensor realPart(Tensor x) {
    if (x.rank() != 2) {
      throw new IllegalArgumentException(
          "realPart: got %s, expected a matrix".formatted(x.describe()));
    }
    if (x.device().kind() == Device.Kind.META) {
      return Tensor.emptyLike(x);
    }
    try (var _ = Scope.open()) {
      Tensor whole = REAL_TO_COMPLEX.one(x, new long[] {0, 1}, 0, false);
      return Scope.moveOut(Ops.contiguous(REAL.one(whole)));
    }
  }
}
