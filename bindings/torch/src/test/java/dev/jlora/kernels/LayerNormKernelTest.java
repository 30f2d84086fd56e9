package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel against libtorch's in doubles. */
@ExtendWith(ScopedTensors.class)
class LayerNormKernelTest {
  private static final double EPS = 1e-5;

  private static Tensor random(long... shape) {
    return RandomOps.randn(DType.FLOAT32, shape);
  }

  private static @Nullable Tensor wide(@Nullable Tensor tensor) {
    return tensor == null ? null : Ops.to(tensor, DType.FLOAT64);
  }

  private static void close(Tensor found, Tensor expected) {
    assertThat(found.shape()).isEqualTo(expected.shape());
    double[] values = found.toDoubles();
    double[] doubles = expected.toDoubles();
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isCloseTo(doubles[i], within(4e-6 * (1 + Math.abs(doubles[i]))));
    }
  }

  private static void agree(int n, boolean parameters) {
    Tensor x = Ops.addScalar(random(3, 57, n), 2);
    Tensor w = parameters ? random(n) : null;
    Tensor b = parameters ? random(n) : null;
    Tensor g = random(3, 57, n);
    long[] last = {n};
    Tensor[] expected = NeuralOps.layerNorm(wide(x), last, wide(w), wide(b), EPS);
    boolean[] onlyX = {true, false, false};
    Tensor dx =
        NeuralOps.layerNormBackward(
            wide(g), wide(x), last, expected[1], expected[2], wide(w), wide(b), onlyX)[0];

    LayerNormKernel.Normalized found = LayerNormKernel.forward(x, w, b, EPS);

    close(found.y(), expected[0]);
    close(found.mean(), expected[1]);
    close(found.rstd(), expected[2]);
    close(LayerNormKernel.backward(g, x, found.mean(), found.rstd(), w), dx);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 32, 33, 63, 127, 768, 1023, 1600})
  void rows_of_any_length_are_normalized_as_libtorch_does(int n) {
    agree(n, true);
    agree(n, false);
  }

  @Test
  void a_row_without_numbers_spoils_no_other() {
    Tensor x = random(4, 64);
    Views.select(x, 0, 1).copyFrom(Tensor.full(Double.NaN, DType.FLOAT32, 64));

    Tensor y = LayerNormKernel.forward(x, null, null, EPS).y();

    assertThat(Views.select(y, 0, 1).toDoubles()).containsOnly(Double.NaN);
    for (int row : new int[] {0, 2, 3}) {
      assertThat(Views.select(y, 0, row).toDoubles()).doesNotContain(Double.NaN);
    }
  }

  @Test
  void other_dtypes_and_what_is_spread_are_not_taken() {
    assertThat(LayerNormKernel.takes(random(2, 8), null, random(8))).isTrue();
    assertThat(LayerNormKernel.takes(wide(random(2, 8)))).isFalse();
    assertThat(LayerNormKernel.takes(random(2, 8), wide(random(8)))).isFalse();
    assertThat(LayerNormKernel.takes(Views.t(random(8, 2)))).isFalse();
  }
}
