package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ScopedTensors.class)
class ElementwiseGradientTest {
  @Test
  void add_of_equal_shapes() {
    GradientCheck.of((tape, in) -> Functions.add(tape, in[0], in[1]))
        .input(2, 3)
        .input(2, 3)
        .holds();
  }

  @Test
  void add_broadcasts_and_reduces_its_gradients() {
    GradientCheck.of((tape, in) -> Functions.add(tape, in[0], in[1]))
        .input(2, 1, 3)
        .input(4, 1)
        .holds();
  }

  @Test
  void add_of_a_tensor_to_itself() {
    GradientCheck.of((tape, in) -> Functions.add(tape, in[0], in[0])).input(2, 3).holds();
  }

  @Test
  void sub_broadcasts_and_reduces_its_gradients() {
    GradientCheck.of((tape, in) -> Functions.sub(tape, in[0], in[1])).input(3).input(2, 3).holds();
  }

  @Test
  void mul_broadcasts_and_reduces_its_gradients() {
    GradientCheck.of((tape, in) -> Functions.mul(tape, in[0], in[1])).input(2, 3).input(3).holds();
  }

  @Test
  void mul_of_a_tensor_with_itself() {
    GradientCheck.of((tape, in) -> Functions.mul(tape, in[0], in[0])).input(4).holds();
  }

  @Test
  void scale() {
    GradientCheck.of((tape, in) -> Functions.scale(tape, in[0], -2.5)).input(2, 3).holds();
  }

  @Test
  void scale_after_a_sum_that_its_gradient_may_overwrite() {
    GradientCheck.of(
            (tape, in) ->
                Functions.scale(
                    tape, Functions.scale(tape, Functions.mul(tape, in[0], in[1]), 3), 0.5))
        .input(2, 3)
        .input(2, 3)
        .holds();
  }

  @Test
  void cast_returns_the_gradient_in_the_dtype_of_its_input() {
    try (var tape = Tape.recording()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
      tape.watch(x);
      Tensor y = Functions.cast(tape, x, DType.BFLOAT16);
      assertThat(y.dtype()).isEqualTo(DType.BFLOAT16);
      try (var gradients =
          tape.backward(y, Ops.to(Tensor.of(new float[] {4, 5, 6}, 3), y.dtype()))) {
        assertThat(gradients.of(x).dtype()).isEqualTo(DType.FLOAT32);
        assertThat(gradients.of(x).toFloats()).containsExactly(4, 5, 6);
      }
    }
  }

  @Test
  void cast_to_the_same_dtype_keeps_the_identity_of_its_input() {
    try (var tape = Tape.recording()) {
      Tensor x = Tensor.ones(DType.FLOAT32, 2);
      tape.watch(x);
      assertThat(tape.tracks(Functions.cast(tape, x, DType.FLOAT32))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "tanh"})
  void gelu(String approximate) {
    GradientCheck.of((tape, in) -> Functions.gelu(tape, in[0], approximate)).input(3, 4).holds();
  }

  @Test
  void tanh() {
    GradientCheck.of((tape, in) -> Functions.tanh(tape, in[0])).input(3, 4).holds();
  }

  @Test
  void relu() {
    GradientCheck.of((tape, in) -> Functions.relu(tape, in[0])).input(3, 4).holds();
  }

  @Test
  void silu() {
    GradientCheck.of((tape, in) -> Functions.silu(tape, in[0])).input(3, 4).holds();
  }

  @Test
  void sigmoid() {
    GradientCheck.of((tape, in) -> Functions.sigmoid(tape, in[0])).input(3, 4).holds();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void softmax(int dim) {
    GradientCheck.of((tape, in) -> Functions.softmax(tape, in[0], dim)).input(2, 3, 4).holds();
  }
}
