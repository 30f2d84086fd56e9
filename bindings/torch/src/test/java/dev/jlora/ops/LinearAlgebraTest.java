package dev.jlora.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import dev.jlora.tensor.Views;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearAlgebraTest {
  private static final double CLOSE = 1e-12;

  private static Tensor random(long... shape) {
    Random random = new Random(3);
    int elements = 1;
    for (long size : shape) {
      elements *= (int) size;
    }
    return Tensor.of(random.doubles(elements, -1, 1).toArray(), shape);
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.toDoubles()).containsExactly(expected.toDoubles(), within(CLOSE));
  }

  private static Tensor identity(int size) {
    double[] values = new double[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = 1;
    }
    return Tensor.of(values, size, size);
  }

  @Test
  void the_factors_of_a_singular_value_decomposition_multiply_to_the_matrix() {
    try (var _ = Scope.open()) {
      Tensor x = random(5, 3);
      var svd = LinearAlgebra.svd(x);
      assertSame(Products.matmul(Ops.mul(svd.u(), svd.s()), svd.vh()), x);
      assertSame(Products.matmul(Views.t(svd.u()), svd.u()), identity(3));
      assertThat(svd.s().toDoubles()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    }
  }

  @Test
  void the_factors_of_a_qr_decomposition_multiply_to_the_matrix() {
    try (var _ = Scope.open()) {
      Tensor x = random(3, 5);
      var qr = LinearAlgebra.qr(x);
      assertSame(Products.matmul(qr.q(), qr.r()), x);
      assertSame(Products.matmul(Views.t(qr.q()), qr.q()), identity(3));
    }
  }

  @Test
  void a_solution_times_the_matrix_is_the_right_hand_side() {
    try (var _ = Scope.open()) {
      Tensor a = Ops.add(random(4, 4), identity(4));
      Tensor b = random(4, 2);
      assertSame(Products.matmul(a, LinearAlgebra.solve(a, b)), b);
      assertSame(Products.matmul(a, LinearAlgebra.inverse(a)), identity(4));
    }
  }

  @Test
  void a_batch_is_decomposed_matrix_by_matrix() {
    try (var _ = Scope.open()) {
      Tensor x = random(2, 3, 3);
      var qr = LinearAlgebra.qr(x);
      assertSame(Products.matmul(qr.q(), qr.r()), x);
    }
  }

  @Test
  void a_singular_matrix_is_an_error() {
    try (var _ = Scope.open()) {
      Tensor zeros = Tensor.zeros(DType.FLOAT64, 2, 2);
      assertThatThrownBy(() -> LinearAlgebra.inverse(zeros))
          .isInstanceOf(TorchException.class)
          .hasMessageContaining("singular");
    }
  }
}
