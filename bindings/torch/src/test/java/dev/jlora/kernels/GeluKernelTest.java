package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.backend.Backend;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel against libtorch's, in doubles and in floats. */
@ExtendWith(ScopedTensors.class)
class GeluKernelTest {
  private static final String[] KINDS = {"none", "tanh"};

  private static Tensor random(long... shape) {
    return Ops.mul(RandomOps.randn(DType.FLOAT32, shape), 3);
  }

  private static Tensor wide(Tensor tensor) {
    return Ops.to(tensor, DType.FLOAT64);
  }

  private static Tensor forward(Tensor x, String kind) {
    return GeluKernel.forward(x, kind.equals("tanh"));
  }

  private static Tensor backward(Tensor g, Tensor x, String kind) {
    return GeluKernel.backward(g, x, kind.equals("tanh"));
  }

  /** From -20 to 20, and ten times as dense where the functions bend. */
  private static Tensor grid() {
    int count = 400_001;
    float[] values = new float[2 * count];
    for (int i = 0; i < count; i++) {
      values[i] = -20 + 40f * i / (count - 1);
      values[count + i] = values[i] / 10;
    }
    return Tensor.of(values, values.length);
  }

  /** The largest error where the result is as it is, and where x is below 0. */
  private static double[] worst(Tensor found, Tensor expected, Tensor x) {
    double[] errors = new double[2];
    double[] values = found.toDoubles();
    double[] doubles = expected.toDoubles();
    double[] inputs = x.toDoubles();
    for (int i = 0; i < values.length; i++) {
      double error = Math.abs(values[i] - doubles[i]);
      errors[0] = Math.max(errors[0], error);
      errors[1] = inputs[i] < 0 ? Math.max(errors[1], error) : errors[1];
    }
    return errors;
  }

  private static void close(Tensor found, Tensor expected) {
    assertThat(found.shape()).isEqualTo(expected.shape());
    double[] values = found.toDoubles();
    double[] doubles = expected.toDoubles();
    for (int i = 0; i < values.length; i++) {
      double half = Math.ulp((float) doubles[i]) / 2;
      assertThat(values[i]).isCloseTo(doubles[i], within(1.3e-7 + half));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "tanh"})
  void values_are_right_to_what_floats_round_and_better_than_libtorchs(String kind) {
    Tensor x = grid();
    Tensor exact = Ops.gelu(wide(x), kind);

    double[] ours = worst(forward(x, kind), exact, x);
    double[] libtorchs = worst(Ops.gelu(x, kind), exact, x);

    assertThat(ours[0]).isLessThan(2.6e-7).isLessThanOrEqualTo(libtorchs[0]);
    assertThat(ours[1]).isLessThan(6e-8).isLessThanOrEqualTo(libtorchs[1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "tanh"})
  void derivatives_are_right_to_what_floats_round_and_better_than_libtorchs(String kind) {
    Tensor x = grid();
    Tensor one = Tensor.full(1, DType.FLOAT32, x.elements());
    Tensor exact = NeuralOps.geluBackward(wide(one), wide(x), kind);

    double[] ours = worst(backward(one, x, kind), exact, x);
    double[] libtorchs = worst(NeuralOps.geluBackward(one, x, kind), exact, x);

    assertThat(ours[0]).isLessThan(1.3e-7).isLessThanOrEqualTo(libtorchs[0]);
    assertThat(ours[1]).isLessThan(1.1e-7).isLessThanOrEqualTo(libtorchs[1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "tanh"})
  void derivatives_are_slopes_of_the_values(String kind) {
    Tensor x = random(2000);
    double step = 1e-4;
    Tensor above = Ops.gelu(Ops.addScalar(wide(x), step), kind);
    Tensor below = Ops.gelu(Ops.addScalar(wide(x), -step), kind);
    double[] slopes = Ops.mul(Ops.sub(above, below), 1 / (2 * step)).toDoubles();

    double[] found = backward(Tensor.full(1, DType.FLOAT32, 2000), x, kind).toDoubles();

    assertThat(found).containsExactly(slopes, within(2e-7));
  }

  @ParameterizedTest
  @CsvSource({"1", "767", "768", "769", "16383", "16385", "50000"})
  void tensors_of_any_size_are_taken(int elements) {
    for (String kind : KINDS) {
      Tensor x = random(elements);
      Tensor g = random(elements);

      close(forward(x, kind), Ops.gelu(wide(x), kind));
      assertThat(backward(g, x, kind).toDoubles())
          .containsExactly(
              NeuralOps.geluBackward(wide(g), wide(x), kind).toDoubles(), within(3e-6));
    }
  }

  @Test
  void shapes_stay() {
    Tensor x = random(3, 5, 7);

    close(forward(x, "none"), Ops.gelu(wide(x), "none"));
    assertThat(backward(x, x, "none").shape()).containsExactly(3, 5, 7);
  }

  @Test
  void the_ends_of_the_floats_have_their_limits() {
    float tiny = 1e-39f;
    Tensor x =
        Tensor.of(
            new float[] {
              0,
              tiny,
              -tiny,
              40,
              -40,
              Float.MAX_VALUE,
              -Float.MAX_VALUE,
              Float.POSITIVE_INFINITY,
              Float.NEGATIVE_INFINITY,
              Float.NaN
            },
            10);
    Tensor two = Tensor.full(2, DType.FLOAT32, 10);
    for (String kind : KINDS) {
      assertThat(forward(x, kind).toFloats())
          .containsExactly(
              0,
              tiny / 2,
              -tiny / 2,
              40,
              0,
              Float.MAX_VALUE,
              0,
              Float.POSITIVE_INFINITY,
              0,
              Float.NaN);
      assertThat(backward(two, x, kind).toFloats())
          .containsExactly(1, 1, 1, 2, 0, 2, 0, 2, 0, Float.NaN);
    }
  }

  @Test
  void the_bits_do_not_depend_on_the_number_of_threads() {
    int threads = Torch.threads();
    Tensor x = random(3, 50_001);
    Tensor g = random(3, 50_001);
    try {
      for (String kind : KINDS) {
        Torch.threads(1);
        float[] y = forward(x, kind).toFloats();
        float[] dx = backward(g, x, kind).toFloats();
        Torch.threads(2);
        assertThat(forward(x, kind).toFloats()).isEqualTo(y);
        assertThat(backward(g, x, kind).toFloats()).isEqualTo(dx);
      }
    } finally {
      Torch.threads(threads);
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "769", "16385"})
  void in_bfloat16_the_result_is_that_of_floats_rounded(int elements) {
    Tensor x = Ops.to(random(elements), DType.BFLOAT16);
    Tensor g = Ops.to(random(elements), DType.BFLOAT16);
    Tensor floats = Ops.to(x, DType.FLOAT32);

    Tensor y = forward(x, "tanh");
    Tensor dx = backward(g, x, "tanh");

    assertThat(y.dtype()).isEqualTo(DType.BFLOAT16);
    assertThat(y.toFloats()).isEqualTo(Ops.to(forward(floats, "tanh"), DType.BFLOAT16).toFloats());
    assertThat(dx.toFloats())
        .isEqualTo(
            Ops.to(backward(Ops.to(g, DType.FLOAT32), floats, "tanh"), DType.BFLOAT16).toFloats());
  }

  @Test
  void other_dtypes_and_what_is_spread_are_not_taken() {
    Tensor x = random(2, 8);
    Tensor half = Ops.to(x, DType.BFLOAT16);
    for (boolean tanh : new boolean[] {false, true}) {
      assertThat(GeluKernel.takes(x, tanh)).isTrue();
      assertThat(GeluKernel.takes(x, x, tanh)).isTrue();
      assertThat(GeluKernel.takes(wide(x), tanh)).isFalse();
      assertThat(GeluKernel.takes(wide(x), x, tanh)).isFalse();
      assertThat(GeluKernel.takes(half, x, tanh)).isFalse();
      assertThat(GeluKernel.takes(half, tanh)).isEqualTo(tanh);
      assertThat(GeluKernel.takes(half, half, tanh)).isEqualTo(tanh);
      assertThat(GeluKernel.takes(Views.t(x), tanh)).isFalse();
      assertThat(GeluKernel.takes(x, Views.t(random(8, 2)), tanh)).isFalse();
      assertThat(GeluKernel.takes(random(1, 8), x, tanh)).isFalse();
      assertThat(GeluKernel.takes(random(0, 8), tanh)).isFalse();
    }
  }

  @Test
  void what_is_spread_falls_to_libtorch() {
    Tensor x = Views.t(random(8, 2));
    Tensor g = random(2, 8);
    for (String kind : KINDS) {
      Tensor y = Backend.of(Device.CPU).gelu().forward(x, kind);
      Tensor dx = Backend.of(Device.CPU).gelu().backward(g, x, kind);

      assertThat(y.toFloats()).isEqualTo(Ops.gelu(x, kind).toFloats());
      assertThat(dx.toFloats()).isEqualTo(NeuralOps.geluBackward(g, x, kind).toFloats());
    }
  }
}
