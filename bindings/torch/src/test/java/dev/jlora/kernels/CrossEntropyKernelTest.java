package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cross-entropy of rows against its definition over doubles. */
class CrossEntropyKernelTest {

  @Property(tries = 100)
  void is_that_of_the_definition_in_both_directions(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 2600) int columns,
      @ForAll boolean narrow,
      @ForAll @DoubleRange(min = 0, max = 1) double smoothing,
      @ForAll long seed) {
    Random random = new Random(seed);
    CrossEntropyKernel kernel = new CrossEntropyKernel(Functions.IGNORE_INDEX, smoothing);
    long[] labels = labels(random, rows, columns);
    try (var _ = Scope.open()) {
      Tensor logits = logits(random, narrow ? DType.BFLOAT16 : DType.FLOAT32, rows, columns);
      double[] x = Ops.to(logits, DType.FLOAT64).toDoubles();
      Tensor logSums = Tensor.empty(DType.FLOAT64, rows);
      Tensor gradient = Tensor.emptyLike(logits);
      double losses = kernel.losses(logits, labels, logSums);
      kernel.gradient(logits, labels, logSums, 0.5, gradient);
      double[] slopes = Ops.to(gradient, DType.FLOAT64).toDoubles();
      double expected = 0;
      for (int row = 0; row < rows; row++) {
        double[] p = softmax(x, row * columns, columns);
        for (int i = 0; i < columns; i++) {
          boolean counts = labels[row] != Functions.IGNORE_INDEX;
          double target = smoothing / columns + (i == labels[row] ? 1 - smoothing : 0);
          expected -= counts ? target * Math.log(p[i]) : 0;
          double slope = counts ? 0.5 * (p[i] - target) : 0;
          double rounding = narrow ? Math.abs(slope) / 256 : 0;
          assertThat(slopes[row * columns + i]).isCloseTo(slope, within(1e-6 + rounding));
        }
      }
      assertThat(losses).isCloseTo(expected, within(1e-6 * (1 + expected)));
      assertThat(kernel.replace(logits, labels, 0.5)).isEqualTo(losses);
      assertThat(Ops.to(logits, DType.FLOAT64).toDoubles())
          .containsExactly(slopes, within(narrow ? 4e-3 : 1e-6));
    }
  }

  @Test
  void a_forbidden_class_has_no_probability() {
    try (var _ = Scope.open()) {
      float none = Float.NEGATIVE_INFINITY;
      Tensor logits = Tensor.of(new float[] {1, none, 1, -3e38f}, 1, 4);
      double loss =
          new CrossEntropyKernel(Functions.IGNORE_INDEX, 0).replace(logits, new long[] {0}, 1);
      assertThat(loss).isCloseTo(Math.log(2), within(1e-6));
      assertThat(logits.toFloats()).containsExactly(-0.5f, 0, 0.5f, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void what_is_no_number_gives_none(float value) {
    try (var _ = Scope.open()) {
      Tensor logits = Tensor.of(new float[] {1, 2, value, 0, 0, 0}, 2, 3);
      double loss =
          new CrossEntropyKernel(Functions.IGNORE_INDEX, 0).replace(logits, new long[] {0, 0}, 1);
      assertThat(loss).isNaN();
      assertThat(logits.toFloats()).startsWith(Float.NaN, Float.NaN, Float.NaN).endsWith(1 / 3f);
    }
  }

  @Test
  void rows_are_the_same_wherever_they_are() {
    Random random = new Random(5);
    CrossEntropyKernel kernel = new CrossEntropyKernel(Functions.IGNORE_INDEX, 0);
    try (var _ = Scope.open()) {
      Tensor logits = logits(random, DType.FLOAT32, 64, 5000);
      long[] labels = labels(random, 64, 5000);
      Tensor last = Ops.clone(Views.slice(logits, 0, 63, 64));
      kernel.replace(logits, labels, 1);
      kernel.replace(last, new long[] {labels[63]}, 1);
      assertThat(Ops.contiguous(Views.slice(logits, 0, 63, 64)).toFloats())
          .containsExactly(last.toFloats());
    }
  }

  @Test
  void is_there_for_rows_side_by_side() {
    try (var _ = Scope.open()) {
      Tensor rows = Tensor.ones(DType.FLOAT32, 4, 6);
      assertThat(CrossEntropyKernel.takes(rows)).isTrue();
      assertThat(CrossEntropyKernel.takes(Tensor.ones(DType.BFLOAT16, 4, 6))).isTrue();
      assertThat(CrossEntropyKernel.takes(Views.transpose(rows, 0, 1))).isFalse();
      assertThat(CrossEntropyKernel.takes(Tensor.ones(DType.FLOAT64, 4, 6))).isFalse();
      assertThat(CrossEntropyKernel.takes(Tensor.ones(DType.FLOAT16, 4, 6))).isFalse();
    }
  }

  /** The last row counts. */
  private static long[] labels(Random random, int rows, int columns) {
    long[] labels = new long[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] =
          row < rows - 1 && random.nextInt(3) == 0
              ? Functions.IGNORE_INDEX
              : random.nextInt(columns);
    }
    return labels;
  }

  private static Tensor logits(Random random, DType dtype, int rows, int columns) {
    float[] values = new float[rows * columns];
    float scale = random.nextFloat(20);
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * (float) random.nextGaussian();
    }
    return Ops.to(Tensor.of(values, rows, columns), dtype);
  }

  private static double[] softmax(double[] x, int from, int columns) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < columns; i++) {
      largest = Math.max(largest, x[from + i]);
    }
    double[] p = new double[columns];
    double sum = 0;
    for (int i = 0; i < columns; i++) {
      p[i] = Math.exp(x[from + i] - largest);
      sum += p[i];
    }
    for (int i = 0; i < columns; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
