package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ScopedTensors.class)
class LossTest {
  private static final Operator CROSS_ENTROPY = Operator.of("aten::cross_entropy_loss");

  private static Tensor labels(long... values) {
    return Tensor.of(values, values.length);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 1})
  void cross_entropy_gradient_with_ignored_labels(double smoothing) {
    GradientCheck.of(
            (tape, in) ->
                Functions.crossEntropy(
                    tape,
                    in[0],
                    labels(2, Functions.IGNORE_INDEX, 0, 4),
                    Functions.IGNORE_INDEX,
                    smoothing))
        .input(4, 5)
        .holds();
  }

  @Test
  void cross_entropy_gradient_of_a_batch_of_sequences() {
    GradientCheck.of(
            (tape, in) ->
                Functions.crossEntropy(
                    tape, in[0], Tensor.of(new long[] {1, 1, 0, 2, -1, 2}, 2, 3), -1, 0.2))
        .input(2, 3, 3)
        .holds();
  }

  @ParameterizedTest
  @CsvSource({"0, -100", "0.1, -100", "0.3, 1", "1, 0"})
  void cross_entropy_equals_that_of_pytorch(double smoothing, long ignore) {
    double[] values = new java.util.Random(4).doubles(20, -3, 3).toArray();
    Tensor logits = Tensor.of(values, 4, 5);
    Tensor labels = labels(2, 1, 0, 4);
    Tensor expected = CROSS_ENTROPY.one(logits, labels, null, 1, ignore, smoothing);
    try (var tape = Tape.off()) {
      Tensor loss = Functions.crossEntropy(tape, logits, labels, ignore, smoothing);
      assertThat(loss.item()).isCloseTo(expected.item(), within(1e-12));
    }
  }

  @Test
  void cross_entropy_of_bfloat16_logits_is_a_float_and_its_gradient_bfloat16() {
    try (var tape = Tape.recording()) {
      Tensor logits = Ops.to(Tensor.of(new float[] {1, 2, 3, 0, 0, 1}, 2, 3), DType.BFLOAT16);
      tape.watch(logits);
      Tensor loss = Functions.crossEntropy(tape, logits, labels(0, 2), Functions.IGNORE_INDEX, 0);
      assertThat(loss.dtype()).isEqualTo(DType.FLOAT32);
      assertThat(loss.item()).isCloseTo((2.4076059 + 0.5514447) / 2, within(1e-5));
      try (var gradients = tape.backward(loss)) {
        assertThat(gradients.of(logits).dtype()).isEqualTo(DType.BFLOAT16);
      }
    }
  }

  @Test
  void cross_entropy_with_every_label_ignored_is_not_a_number() {
    try (var tape = Tape.off()) {
      Tensor logits = Tensor.zeros(DType.FLOAT32, 2, 3);
      assertThat(
              Functions.crossEntropy(
                      tape,
                      logits,
                      labels(Functions.IGNORE_INDEX, Functions.IGNORE_INDEX),
                      Functions.IGNORE_INDEX,
                      0)
                  .item())
          .isNaN();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {3, -1})
  void a_label_out_of_range_is_an_exception_that_names_it(long label) {
    try (var tape = Tape.off()) {
      Tensor logits = Tensor.zeros(DType.FLOAT32, 2, 3);
      assertThatThrownBy(
              () ->
                  Functions.crossEntropy(tape, logits, labels(0, label), Functions.IGNORE_INDEX, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("label " + label + ", expected 0 to 2, or -100");
      Tensor doubles = Tensor.zeros(DType.FLOAT64, 2, 3);
      assertThatThrownBy(
              () ->
                  Functions.crossEntropy(
                      tape, doubles, labels(0, label), Functions.IGNORE_INDEX, 0))
          .isInstanceOf(TorchException.class)
          .hasMessageContaining("Target " + label);
    }
  }

  @Test
  void cross_entropy_refuses_labels_of_another_shape() {
    try (var tape = Tape.off()) {
      Tensor logits = Tensor.zeros(DType.FLOAT32, 2, 3);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  Functions.crossEntropy(tape, logits, labels(1, 1, 1), Functions.IGNORE_INDEX, 0))
          .withMessageContainingAll("crossEntropy", "[2, 3]", "[3]");
    }
  }

  @Test
  void bce_with_logits_gradient() {
    GradientCheck.of((tape, in) -> Functions.bceWithLogits(tape, in[0], in[1]))
        .input(3, 4)
        .input(3, 4)
        .holds();
  }

  @Test
  void bce_with_logits_is_stable_for_large_logits() {
    try (var tape = Tape.off()) {
      Tensor logits = Tensor.of(new float[] {200, -200}, 2);
      Tensor targets = Tensor.of(new float[] {0, 0}, 2);
      assertThat(Functions.bceWithLogits(tape, logits, targets).item())
          .isCloseTo(100, within(1e-6));
    }
  }

  @Test
  void mse_gradient() {
    GradientCheck.of((tape, in) -> Functions.mse(tape, in[0], in[1]))
        .input(3, 2)
        .input(3, 2)
        .holds();
  }
}
