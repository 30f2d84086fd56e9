package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.Processors;
import dev.jlora.testing.ScopedTensors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The panels against the same product in doubles. */
@ExtendWith(ScopedTensors.class)
class LinearKernelTest {
  private static Tensor random(DType dtype, long... shape) {
    return Ops.to(RandomOps.randn(DType.FLOAT32, shape), dtype);
  }

  private static void agree(DType dtype, long n, long in, long out, boolean bias, boolean turned) {
    Tensor x = random(dtype, n, in);
    Tensor upright = random(dtype, in, out);
    Tensor w = turned ? Views.t(Ops.contiguous(Views.t(upright))) : upright;
    Tensor b = bias ? random(dtype, out) : null;
    assertThat(LinearKernel.takes(dtype, Device.CPU, n, in, out)).isTrue();
    Tensor y = Tensor.empty(dtype, n, out);
    LinearKernel.run(y, x, w, LinearKernel.Start.of(b, dtype), false);
    Tensor whole = LinearKernel.product(x, w, b);
    if (dtype == DType.FLOAT32 && Processors.hasAvx512()) {
      assertThat(whole.toFloats()).isEqualTo(y.toFloats());
    } else {
      assertThat(whole).isNull();
    }
    Tensor sum = Ops.clone(y);
    assertThat(LinearKernel.add(sum, x, w)).isTrue();
    Tensor product = Products.mm(wide(x), wide(w));
    close(y, b == null ? product : Ops.add(product, wide(b)), in);
    close(sum, Ops.add(wide(y), product), in);
  }

  private static void close(Tensor tensor, Tensor doubles, long in) {
    double[] found = tensor.toDoubles();
    double[] expected = doubles.toDoubles();
    double step = tensor.dtype() == DType.FLOAT32 ? 5e-6 : 1.0 / 256;
    for (int i = 0; i < found.length; i++) {
      double near = step * (Math.abs(expected[i]) + Math.sqrt(in));
      assertThat(found[i])
          .as("element %d of %s, a sum of %d products", i, tensor.describe(), in)
          .isCloseTo(expected[i], within(near));
    }
  }

  private static Tensor wide(Tensor tensor) {
    return Ops.to(tensor, DType.FLOAT64);
  }

  @Property(tries = 30)
  @Label("a product is that of doubles, whatever its sizes")
  void a_product_is_that_of_doubles(
      @ForAll @IntRange(min = 128, max = 1100) int n,
      @ForAll @IntRange(min = 32, max = 600) int in,
      @ForAll @IntRange(min = 32, max = 150) int out,
      @ForAll boolean bias,
      @ForAll boolean wide,
      @ForAll boolean turned) {
    try (var _ = Scope.open()) {
      agree(
          wide || !Processors.multiplies(DType.BFLOAT16) ? DType.FLOAT32 : DType.BFLOAT16,
          n,
          2L * in,
          2L * out,
          bias,
          turned);
    }
  }

  @Test
  void odd_sizes_of_floats_are_taken() {
    agree(DType.FLOAT32, 129, 1031, 67, true, false);
    agree(DType.FLOAT32, 1025, 65, 131, false, true);
  }

  @Test
  void x_may_lie_anywhere() {
    Tensor x = Views.t(random(DType.FLOAT32, 96, 200));
    Tensor w = random(DType.FLOAT32, 96, 70);

    Tensor y = LinearKernel.product(x, w, null);

    assumeTrue(Processors.hasAvx512(), "libtorch's product is as fast without AVX-512");
    assertThat(y).isNotNull();
    close(y, Products.mm(wide(x), wide(w)), 96);
  }

  @Test
  void many_rows_share_panels_in_groups() {
    agree(DType.FLOAT32, 4500, 64, 64, true, true);
  }

  @Test
  void a_deep_product_is_summed_in_pieces() {
    agree(DType.FLOAT32, 130, 4100, 70, true, false);
  }

  @Test
  void a_deep_product_of_16_bits_is_summed_in_pieces() {
    Processors.assumeMultiplies(DType.BFLOAT16);
    agree(DType.BFLOAT16, 130, 4100, 70, true, true);
  }

  @Test
  void a_very_deep_product_takes_several_panels_at_once() {
    agree(DType.FLOAT32, 130, 9001, 700, true, false);
    agree(DType.FLOAT32, 130, 8200, 333, false, true);
  }

  @Test
  void other_products_are_left_to_the_caller() {
    for (Tensor w :
        new Tensor[] {
          random(DType.FLOAT64, 64, 64), random(DType.FLOAT32, 64, 8), random(DType.FLOAT32, 2, 64)
        }) {
      Tensor x = random(w.dtype(), 128, w.size(0));
      Tensor sum = Tensor.zeros(w.dtype(), 128, w.size(1));

      assertThat(LinearKernel.add(sum, x, w)).isFalse();
      assertThat(sum.toDoubles()).containsOnly(0);
    }
  }
}
