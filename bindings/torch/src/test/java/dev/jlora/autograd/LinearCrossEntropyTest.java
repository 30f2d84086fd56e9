package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.kernels.CrossEntropyKernel;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fused loss over a frozen head, against a linear and a cross-entropy over its logits. */
@ExtendWith(ScopedTensors.class)
class LinearCrossEntropyTest {
  private static final int IN = 12;
  private static final int CLASSES = 1301;
  private final Random random = new Random(11);

  /** A loss and the gradient of x. */
  private record Result(double loss, float[] dx) {}

  private interface Loss {
    Tensor of(Tape tape, Tensor x, Tensor w, Tensor b, Tensor labels);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 0, 3, true",
    "FLOAT32, 0.1, 4, false",
    "FLOAT32, 0.1, 100, true",
    "BFLOAT16, 0, 3, true",
    "BFLOAT16, 0.1, 100, false"
  })
  void is_that_of_the_logits(DType dtype, double smoothing, long mostRows, boolean ignoring) {
    Tensor x = random(dtype, 10, IN);
    Tensor w = random(dtype, CLASSES, IN);
    Tensor b = random(dtype, CLASSES);
    long[] labels = random.longs(10, 0, CLASSES).toArray();
    if (ignoring) {
      labels[0] = Functions.IGNORE_INDEX;
      labels[7] = Functions.IGNORE_INDEX;
    }
    Tensor expected = Tensor.of(labels, 10);
    Result whole =
        result(
            (tape, in, weight, bias, to) -> {
              Tensor logits = Functions.linear(tape, in, weight, bias);
              Tensor wide = Functions.cast(tape, logits, DType.FLOAT64);
              return Functions.crossEntropy(tape, wide, to, Functions.IGNORE_INDEX, smoothing);
            },
            x,
            w,
            b,
            expected);
    var function =
        new LinearCrossEntropy(new CrossEntropyKernel(Functions.IGNORE_INDEX, smoothing), mostRows);
    Result fused =
        result(
            (tape, in, weight, bias, to) -> tape.apply(function, in, weight, bias, to),
            x,
            w,
            b,
            expected);
    double exact = dtype == DType.FLOAT32 ? 2e-6 : 1e-2;
    assertThat(fused.loss()).isCloseTo(whole.loss(), within(1e-5));
    assertThat(fused.dx()).hasSameSizeAs(whole.dx());
    for (int i = 0; i < fused.dx().length; i++) {
      assertThat(fused.dx()[i]).isCloseTo(whole.dx()[i], within((float) exact));
    }
  }

  @Test
  void a_trained_head_gets_its_gradient() {
    Tensor x = random(DType.FLOAT32, 3, IN);
    Tensor w = random(DType.FLOAT32, 5, IN);
    try (var tape = Tape.recording()) {
      tape.watch(w);
      Tensor labels = Tensor.of(new long[] {1, 0, 4}, 3);
      Tensor loss =
          Functions.linearCrossEntropy(tape, x, w, null, labels, Functions.IGNORE_INDEX, 0);
      try (var gradients = tape.backward(loss)) {
        assertThat(gradients.of(w).shape()).containsExactly(5, IN);
      }
    }
  }

  @Test
  void nothing_that_counts_is_not_a_number_and_moves_nothing() {
    Tensor x = random(DType.FLOAT32, 2, 3, IN);
    Tensor w = random(DType.FLOAT32, 5, IN);
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor labels =
          Tensor.of(
              new long[] {
                Functions.IGNORE_INDEX,
                Functions.IGNORE_INDEX,
                Functions.IGNORE_INDEX,
                Functions.IGNORE_INDEX,
                Functions.IGNORE_INDEX,
                Functions.IGNORE_INDEX
              },
              2,
              3);
      Tensor loss =
          Functions.linearCrossEntropy(tape, x, w, null, labels, Functions.IGNORE_INDEX, 0);
      assertThat(loss.item()).isNaN();
      try (var gradients = tape.backward(loss)) {
        assertThat(gradients.of(x).toFloats()).containsOnly(0);
      }
    }
  }

  @Test
  void the_head_counts_as_a_frozen_product() {
    Tensor x = random(DType.FLOAT32, 3, IN);
    Tensor w = random(DType.FLOAT32, 5, IN);
    var found = new ArrayList<FrozenProduct>();
    try (var tape = Tape.recording(found::add)) {
      tape.watch(x);
      Tensor labels = Tensor.of(new long[] {1, 0, 4}, 3);
      Functions.linearCrossEntropy(tape, x, w, null, labels, Functions.IGNORE_INDEX, 0);
      assertThat(found).containsExactly(new FrozenProduct(3, w, null, false, true));
    }
  }

  @Test
  void labels_of_another_shape_are_refused() {
    try (var tape = Tape.off()) {
      Tensor x = random(DType.FLOAT32, 3, IN);
      Tensor w = random(DType.FLOAT32, 5, IN);
      Tensor labels = Tensor.of(new long[] {1, 0}, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  Functions.linearCrossEntropy(tape, x, w, null, labels, Functions.IGNORE_INDEX, 0))
          .withMessageContainingAll("linearCrossEntropy", "[3, 12]", "[2]");
    }
  }

  private static Result result(Loss loss, Tensor x, Tensor w, Tensor b, Tensor labels) {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor value = loss.of(tape, x, w, b, labels);
      Tensor half = Tensor.full(0.5, value.dtype(), value.shape());
      try (var gradients = tape.backward(value, half)) {
        return new Result(value.item(), Ops.to(gradients.of(x), DType.FLOAT32).toFloats());
      }
    }
  }

  private Tensor random(DType dtype, long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Ops.to(Tensor.of(values, shape), dtype);
  }
}
