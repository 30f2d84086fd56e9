package dev.jlora.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.cuda.TestGpu;
import dev.jlora.ops.Ops;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;

/** What the tests of the kernels compare with, and how closely. */
final class Parity {
  static final DType[] DTYPES = {DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16};

  private Parity() {}

  /** Normal values on the CPU. */
  static Tensor random(DType dtype, long... shape) {
    return Ops.to(RandomOps.randn(DType.FLOAT32, shape), dtype);
  }

  /** Memory on the GPU whose values would be noticed if they were left. */
  static Tensor unset(DType dtype, long... shape) {
    return Tensor.full(-77, dtype, TestGpu.device(), shape);
  }

  static float[] floats(Tensor tensor) {
    return Ops.to(tensor, Device.CPU).toFloats();
  }

  static void same(Tensor got, Tensor expected) {
    assertThat(floats(got)).isEqualTo(floats(expected));
  }

  /** Within a few roundings of the dtype, and of the sums of float behind them. */
  static void close(Tensor got, Tensor expected, double floatTolerance) {
    assertThat(got.shape()).isEqualTo(expected.shape());
    double relative =
        switch (got.dtype()) {
          case FLOAT32 -> floatTolerance;
          case BFLOAT16 -> 1.0 / 128;
          default -> 1.0 / 1024;
        };
    float[] a = floats(got);
    float[] b = floats(expected);
    for (int i = 0; i < a.length; i++) {
      double allowed = relative * Math.max(Math.abs(b[i]), 0.25) + floatTolerance;
      if (!(Math.abs(a[i] - b[i]) <= allowed)) {
        throw new AssertionError(
            "element %d of %s: got %s, expected %s within %s"
                .formatted(i, got.describe(), a[i], b[i], allowed));
      }
    }
  }
}
