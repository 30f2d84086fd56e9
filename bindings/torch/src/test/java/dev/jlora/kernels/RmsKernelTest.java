package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RMS norms of rows against the equations, over doubles. */
class RmsKernelTest {
  private static final double EPS = 1e-5;
  private final SplittableRandom random = new SplittableRandom(3);

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 5", "2, 64", "7, 200", "90, 1024"})
  void are_those_of_the_equations_in_both_directions(int rows, int n) {
    double[] x = values(rows * n);
    double[] g = values(rows * n);
    double[] w = values(n);
    try (var _ = Scope.open()) {
      Tensor weight = floats(w, n);
      RmsKernel.Normalized result = RmsKernel.forward(floats(x, rows, n), weight, EPS);
      Tensor dx = RmsKernel.backward(floats(g, rows, n), floats(x, rows, n), result.rstd(), weight);
      float[] y = result.y().toFloats();
      float[] slopes = dx.toFloats();
      assertThat(result.rstd().shape()).containsExactly(rows, 1);
      for (int row = 0; row < rows; row++) {
        double squares = 0;
        double along = 0;
        for (int i = row * n; i < (row + 1) * n; i++) {
          squares += x[i] * x[i];
          along += g[i] * w[i % n] * x[i];
        }
        double r = 1 / Math.sqrt(squares / n + EPS);
        for (int i = row * n; i < (row + 1) * n; i++) {
          double slope = r * g[i] * w[i % n] - x[i] * r * r * r * along / n;
          assertThat((double) y[i]).isCloseTo(x[i] * r * w[i % n], within(1e-5));
          assertThat((double) slopes[i]).isCloseTo(slope, within(1e-5 * (1 + r)));
        }
      }
    }
  }

  @Test
  void are_there_for_floats_side_by_side() {
    try (var _ = Scope.open()) {
      Tensor rows = Tensor.ones(DType.FLOAT32, 4, 6);
      assertThat(RmsKernel.takes(rows)).isTrue();
      assertThat(RmsKernel.takes(rows, Views.transpose(rows, 0, 1))).isFalse();
      assertThat(RmsKernel.takes(Tensor.ones(DType.BFLOAT16, 4, 6))).isFalse();
      assertThat(RmsKernel.takes(Tensor.ones(DType.FLOAT64, 4, 6))).isFalse();
    }
  }

  private double[] values(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-2, 2); // what a float holds
    }
    return values;
  }

  private static Tensor floats(double[] values, long... shape) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, shape);
  }
}
