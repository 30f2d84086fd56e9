package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention over one tensor of queries, keys and values, against attention over three. */
@ExtendWith(ScopedTensors.class)
class SelfAttentionTest {
  private static final int BATCH = 2;
  private static final int TOKENS = 6;
  private static final int HEADS = 3;
  private static final int WIDTH = 4;

  private interface Attending {
    Tensor of(Tape tape, Tensor fused, Tensor mask);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 0, false, true",
    "FLOAT32, 0.2, true, false",
    "FLOAT32, 0.2, false, true",
    "BFLOAT16, 0.2, true, false",
    "BFLOAT16, 0, false, true"
  })
  void is_that_of_its_parts(DType dtype, double p, boolean masked, boolean causal) {
    Tensor mask = masked ? Ops.to(Tensor.of(hidden(), BATCH, 1, 1, TOKENS), dtype) : null;
    Tensor fused = fused(dtype);
    float[][] whole =
        results(
            (tape, x, m) ->
                Functions.selfAttention(tape, x, HEADS, m, causal, 0.5, p, new RandomStream(4)),
            fused,
            mask);
    float[][] inParts =
        results(
            (tape, x, m) -> {
              Tensor[] parts = new Tensor[3];
              Arrays.setAll(parts, i -> part(tape, x, i));
              Tensor mixed =
                  Functions.attention(
                      tape, parts[0], parts[1], parts[2], m, causal, 0.5, p, new RandomStream(4));
              Tensor tokens = Functions.transpose(tape, mixed, 1, 2);
              return Functions.reshape(tape, tokens, BATCH, TOKENS, HEADS * WIDTH);
            },
            fused,
            mask);
    assertThat(whole[0]).containsExactly(inParts[0]);
    assertThat(whole[1]).containsExactly(inParts[1]);
  }

  @Test
  void other_dtypes_are_cut_into_parts() {
    GradientCheck.of(
            (tape, in) ->
                Functions.selfAttention(tape, in[0], 2, null, true, 0.6, 0.3, new RandomStream(9)))
        .input(2, 3, 3 * 2 * 4)
        .holds();
  }

  @Test
  void strides_do_not_matter() {
    Tensor fused = fused(DType.FLOAT32);
    Tensor turned = Views.transpose(Ops.contiguous(Views.transpose(fused, 0, 1)), 0, 1);
    Attending attention =
        (tape, x, m) -> Functions.selfAttention(tape, x, HEADS, m, true, 0.5, 0, null);
    assertThat(results(attention, turned, null)[0])
        .containsExactly(results(attention, fused, null)[0]);
  }

  private static double[] hidden() {
    double[] mask = new double[BATCH * TOKENS];
    mask[TOKENS - 1] = -1e9;
    mask[TOKENS + 2] = -0.5;
    return mask;
  }

  private static Tensor fused(DType dtype) {
    int columns = 3 * HEADS * WIDTH;
    double[] values = new Random(8).doubles((long) BATCH * TOKENS * columns, -1, 1).toArray();
    return Ops.to(Tensor.of(values, BATCH, TOKENS, columns), dtype);
  }

  private static Tensor part(Tape tape, Tensor fused, int which) {
    long wide = HEADS * WIDTH;
    Tensor part = Functions.slice(tape, fused, 2, which * wide, (which + 1) * wide);
    Tensor split = Functions.reshape(tape, part, BATCH, TOKENS, HEADS, WIDTH);
    return Functions.transpose(tape, split, 1, 2);
  }

  /** The output and the gradient. */
  private static float[][] results(Attending attention, Tensor fused, Tensor mask) {
    try (var tape = Tape.recording()) {
      tape.watch(fused);
      Tensor y = attention.of(tape, fused, mask);
      try (var gradients = tape.backward(y, Ops.square(y))) {
        return new float[][] {y.toFloats(), gradients.of(fused).toFloats()};
      }
    }
  }
}
