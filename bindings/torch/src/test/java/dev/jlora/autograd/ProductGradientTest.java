package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ScopedTensors.class)
class ProductGradientTest {
  @Test
  void linear_over_any_leading_dimensions() {
    GradientCheck.of((tape, in) -> Functions.linear(tape, in[0], in[1], in[2]))
        .input(2, 3, 4)
        .input(5, 4)
        .input(5)
        .holds();
  }

  @Test
  void linear_without_bias() {
    GradientCheck.of((tape, in) -> Functions.linear(tape, in[0], in[1], null))
        .input(3, 4)
        .input(2, 4)
        .holds();
  }

  @Test
  void linear_of_a_single_vector() {
    GradientCheck.of((tape, in) -> Functions.linear(tape, in[0], in[1], in[2]))
        .input(4)
        .input(2, 4)
        .input(2)
        .holds();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linear_with_the_weight_of_a_conv1d(boolean bias) {
    var check =
        GradientCheck.of(
                (tape, in) -> Functions.linear(tape, in[0], in[1], bias ? in[2] : null, true))
            .input(2, 3, 4)
            .input(4, 5);
    (bias ? check.input(5) : check).holds();
  }

  @ParameterizedTest
  @CsvSource({"0, false", "0.3, false", "0, true", "0.3, true"})
  void lora_linear(double p, boolean transposed) {
    var check =
        GradientCheck.of(
                (tape, in) ->
                    Functions.loraLinear(
                        tape,
                        in[0],
                        in[1],
                        in[2],
                        in[3],
                        in[4],
                        1.7,
                        p,
                        new RandomStream(3),
                        transposed))
            .input(2, 3, 4);
    (transposed ? check.input(4, 5) : check.input(5, 4)).input(5).input(2, 4).input(5, 2).holds();
  }

  @Test
  void lora_linear_without_bias() {
    GradientCheck.of(
            (tape, in) ->
                Functions.loraLinear(tape, in[0], in[1], null, in[2], in[3], 0.5, 0, null, false))
        .input(3, 4)
        .input(2, 4)
        .input(3, 4)
        .input(2, 3)
        .holds();
  }

  @Test
  void matmul_of_matrices() {
    GradientCheck.of((tape, in) -> Functions.matmul(tape, in[0], in[1]))
        .input(2, 3)
        .input(3, 4)
        .holds();
  }

  @Test
  void matmul_with_broadcast_batches() {
    GradientCheck.of((tape, in) -> Functions.matmul(tape, in[0], in[1]))
        .input(2, 1, 3, 2)
        .input(3, 2, 2)
        .holds();
  }

  @Test
  void matmul_of_a_tensor_with_itself() {
    GradientCheck.of((tape, in) -> Functions.matmul(tape, in[0], in[0])).input(3, 3).holds();
  }

  @Test
  void conv2d_over_patches() {
    GradientCheck.of(
            (tape, in) ->
                Functions.conv2d(
                    tape, in[0], in[1], in[2], new long[] {2, 2}, new long[] {0, 0}, 1))
        .input(2, 3, 4, 4)
        .input(5, 3, 2, 2)
        .input(5)
        .holds();
  }

  @Test
  void conv2d_in_groups_with_padding_and_no_bias() {
    GradientCheck.of(
            (tape, in) ->
                Functions.conv2d(tape, in[0], in[1], null, new long[] {1, 1}, new long[] {1, 1}, 2))
        .input(1, 4, 3, 3)
        .input(2, 2, 3, 3)
        .holds();
  }

  @Test
  void embedding_sums_the_gradients_of_repeated_ids() {
    GradientCheck.of(
            (tape, in) ->
                Functions.embedding(tape, in[0], Tensor.of(new long[] {3, 1, 1, 0}, 2, 2), -1))
        .input(4, 3)
        .holds();
  }

  @Test
  void embedding_gives_the_padding_row_no_gradient() {
    try (var tape = Tape.recording()) {
      Tensor weight = Tensor.ones(DType.FLOAT32, 3, 2);
      tape.watch(weight);
      Tensor rows = Functions.embedding(tape, weight, Tensor.of(new long[] {0, 2, 2}, 3), 0);
      try (var gradients = tape.backward(Functions.sum(tape, rows, false))) {
        assertThat(gradients.of(weight).toFloats()).containsExactly(0, 0, 0, 0, 2, 2);
      }
    }
  }

  @Test
  void a_linear_whose_shapes_do_not_fit_is_refused_with_both_shapes() {
    try (var tape = Tape.off()) {
      Tensor x = Tensor.zeros(DType.FLOAT32, 2, 3);
      Tensor weight = Tensor.zeros(DType.FLOAT32, 5, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.linear(tape, x, weight, null))
          .withMessageContainingAll("linear", "[2, 3]", "[..., 4]", "[5, 4]");
    }
  }

  @Test
  void a_bias_of_another_dtype_is_refused() {
    try (var tape = Tape.off()) {
      Tensor x = Tensor.zeros(DType.BFLOAT16, 2, 4);
      Tensor weight = Tensor.zeros(DType.BFLOAT16, 5, 4);
      Tensor bias = Tensor.zeros(DType.FLOAT32, 5);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.linear(tape, x, weight, bias))
          .withMessageContainingAll("BFLOAT16", "a bias in FLOAT32", "cast");
    }
  }

  @Test
  void an_adapter_whose_ranks_differ_is_refused_with_both_shapes() {
    try (var tape = Tape.off()) {
      Tensor x = Tensor.zeros(DType.FLOAT32, 2, 3);
      Tensor weight = Tensor.zeros(DType.FLOAT32, 5, 3);
      Tensor a = Tensor.zeros(DType.FLOAT32, 8, 3);
      Tensor b = Tensor.zeros(DType.FLOAT32, 5, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.loraLinear(tape, x, weight, null, a, b, 1, 0, null, false))
          .withMessageContainingAll("loraLinear", "[8, 3]", "[5, 4]", "[r, 3]", "[5, r]");
    }
  }
}
