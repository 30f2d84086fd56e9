package dev.jlora.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One value that is not finite is found wherever it is, however large the others are. */
class FiniteTest {
  private static final int MANY = 70_001; // more than one thread looks at

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32", "FLOAT16", "BFLOAT16"})
  void one_value_is_found_wherever_it_is(DType dtype) {
    try (var _ = Scope.open()) {
      for (int at : new int[] {0, 34_999, MANY - 1}) {
        assertThat(Finite.firstOther(with(dtype, at, Float.NaN))).isNaN();
        assertThat(Finite.firstOther(with(dtype, at, Float.POSITIVE_INFINITY))).isInfinite();
        assertThat(Finite.firstOther(with(dtype, at, Float.NEGATIVE_INFINITY))).isInfinite();
        assertThat(Finite.firstOther(with(dtype, at, 65504))).isZero();
      }
      assertThat(Finite.firstOther(Tensor.zeros(dtype, 0, 3))).isZero();
    }
  }

  private static Tensor with(DType dtype, int at, float value) {
    float[] values = new float[MANY];
    Arrays.fill(values, 65504);
    values[at] = value;
    return Ops.to(Tensor.of(values), dtype);
  }
}
