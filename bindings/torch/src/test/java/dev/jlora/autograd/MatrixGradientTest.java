package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class MatrixGradientTest {
  @Test
  void div_broadcasts_and_reduces_its_gradients() {
    GradientCheck.of((tape, in) -> Functions.div(tape, in[0], in[1]))
        .input(2, 3)
        .input(new double[] {1.5, -2, 0.7}, 3)
        .holds();
  }

  @Test
  void norm_over_dimensions_and_over_everything() {
    GradientCheck.of((tape, in) -> Functions.norm(tape, in[0], true, 0)).input(3, 2).holds();
    GradientCheck.of((tape, in) -> Functions.norm(tape, in[0], false, 1)).input(3, 2).holds();
    GradientCheck.of((tape, in) -> Functions.norm(tape, in[0], false)).input(3, 2).holds();
  }

  @Test
  void the_gradient_of_the_norm_of_zeros_is_zero() {
    try (Tape tape = Tape.recording()) {
      Tensor x = Tensor.zeros(DType.FLOAT32, 2, 2);
      tape.watch(x);
      Tensor norm = Functions.norm(tape, x, false);
      assertThat(norm.item()).isZero();
      try (Gradients gradients = tape.backward(norm)) {
        assertThat(gradients.of(x).toFloats()).containsExactly(0, 0, 0, 0);
      }
    }
  }

  @Test
  void scatter_of_one_row_and_of_several() {
    Tensor ids = Tensor.of(new long[] {4, 0, 2}, 3);
    GradientCheck.of((tape, in) -> Functions.scatter(tape, in[0], ids, 6)).input(3).holds();
    GradientCheck.of((tape, in) -> Functions.scatter(tape, in[0], ids, 6)).input(2, 3).holds();
    Tensor values = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(Functions.scatter(Tape.off(), values, ids, 5).toFloats())
        .containsExactly(2, 0, 3, 0, 1, 5, 0, 6, 0, 4);
    assertThatThrownBy(() -> Functions.scatter(Tape.off(), values, Tensor.of(new long[2], 2), 5))
        .hasMessage(
            "scatter: got FLOAT32[2, 3] at INT64[2], expected values [..., k] and indices [k]");
  }

  @Test
  void solve_of_one_system_and_of_a_batch() {
    double[] well = {3, 1, 0.5, -1, 4, 1, 0.2, -0.6, 2};
    GradientCheck.of((tape, in) -> Functions.solve(tape, in[0], in[1]))
        .input(well, 3, 3)
        .input(3, 2)
        .holds();
    double[] two = {3, 1, -1, 2, 2, 0.5, 0.3, -4};
    GradientCheck.of((tape, in) -> Functions.solve(tape, in[0], in[1]))
        .input(two, 2, 2, 2)
        .input(2, 2, 1)
        .holds();
    Tensor a = Tensor.of(two, 2, 2, 2);
    Tensor b = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2, 1);
    Tensor back = Products.matmul(a, Functions.solve(Tape.off(), a, b));
    assertThat(back.toDoubles()).containsExactly(b.toDoubles(), within(1e-12));
    Tensor meta = Functions.solve(Tape.off(), a.to(Device.META), b.to(Device.META));
    assertThat(meta.shape()).containsExactly(2, 2, 1);
  }

  @Test
  void a_singular_system_has_a_result_that_is_not_finite() {
    Tensor singular = Tensor.of(new float[] {1, 2, 2, 4}, 2, 2);
    Tensor x = Functions.solve(Tape.off(), singular, Tensor.of(new float[] {1, 1}, 2, 1));
    assertThat(x.toDoubles())
        .matches(values -> Arrays.stream(values).anyMatch(v -> !Double.isFinite(v)));
  }

  @Test
  void the_real_part_of_a_fourier_transform() {
    GradientCheck.of((tape, in) -> Functions.realFourier(tape, in[0])).input(3, 4).holds();
    double[] x = {1, -2, 0.5, 3, 4, 0.25};
    double[] expected = new double[6];
    for (int m = 0; m < 2; m++) {
      for (int n = 0; n < 3; n++) {
        for (int p = 0; p < 2; p++) {
          for (int q = 0; q < 3; q++) {
            double angle = 2 * Math.PI * (p * m / 2.0 + q * n / 3.0);
            expected[m * 3 + n] += x[p * 3 + q] * Math.cos(angle);
          }
        }
      }
    }
    Tensor matrix = Tensor.of(x, 2, 3);
    assertThat(Functions.realFourier(Tape.off(), matrix).toDoubles())
        .containsExactly(expected, within(1e-12));
    Tensor single = Functions.realFourier(Tape.off(), Ops.to(matrix, DType.FLOAT32));
    assertThat(single.dtype()).isEqualTo(DType.FLOAT32);
    assertThat(single.toDoubles()).containsExactly(expected, within(1e-5));
    assertThat(Functions.realFourier(Tape.off(), matrix.to(Device.META)).shape())
        .containsExactly(2, 3);
    assertThatThrownBy(() -> Functions.realFourier(Tape.off(), Tensor.ones(DType.FLOAT32, 2)))
        .hasMessage("realPart: got FLOAT32[2], expected a matrix");
  }
}
