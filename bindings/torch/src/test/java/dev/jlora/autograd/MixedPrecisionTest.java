package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.Processors;
import dev.jlora.testing.ScopedTensors;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same computation in BFLOAT16 and FLOAT32 differs by rounding alone. */
@ExtendWith(ScopedTensors.class)
class MixedPrecisionTest {
  private static final double RELATIVE = 0.02;

  private interface Body {
    Tensor run(Tape tape, Tensor... inputs);
  }

  private static Tensor random(int seed, long... shape) {
    var random = new Random(seed);
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Ops.to(Ops.to(Tensor.of(values, shape), DType.BFLOAT16), DType.FLOAT32);
  }

  /** Output and gradients of all inputs, the first {@code narrow} of which are cast first. */
  private static float[][] run(Body body, DType dtype, int narrow, Tensor... inputs) {
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      Tensor[] cast = new Tensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        cast[i] = i < narrow ? Ops.to(inputs[i], dtype) : inputs[i].share();
        tape.watch(cast[i]);
      }
      Tensor y = body.run(tape, cast);
      assertThat(y.dtype()).isEqualTo(dtype);
      float[][] results = new float[inputs.length + 1][];
      results[inputs.length] = y.toFloats();
      try (var gradients = tape.backward(y, Ops.to(random(77, y.shape()), dtype))) {
        for (int i = 0; i < inputs.length; i++) {
          assertThat(gradients.of(cast[i]).dtype()).isEqualTo(cast[i].dtype());
          results[i] = gradients.of(cast[i]).toFloats();
        }
      }
      return results;
    }
  }

  private static void agree(Body body, int narrow, Tensor... inputs) {
    float[][] exact = run(body, DType.FLOAT32, narrow, inputs);
    float[][] rounded = run(body, DType.BFLOAT16, narrow, inputs);
    for (int i = 0; i < exact.length; i++) {
      double error = 0;
      double norm = 0;
      for (int j = 0; j < exact[i].length; j++) {
        error += Math.pow(exact[i][j] - rounded[i][j], 2);
        norm += Math.pow(exact[i][j], 2);
      }
      assertThat(Math.sqrt(error)).as("result %d", i).isLessThan(RELATIVE * Math.sqrt(norm));
    }
  }

  @Test
  void lora_linear_with_float_masters() {
    agree(
        (tape, in) ->
            Functions.loraLinear(tape, in[0], in[1], in[2], in[3], in[4], 2, 0, null, false),
        3,
        random(1, 6, 32),
        random(2, 16, 32),
        random(3, 16),
        random(4, 4, 32),
        random(5, 16, 4));
  }

  @Test
  void layer_norm_with_parameters_of_its_own_dtype() {
    agree(
        (tape, in) -> Functions.layerNorm(tape, in[0], in[1], in[2], 1e-5),
        3,
        random(1, 6, 32),
        random(2, 32),
        random(3, 32));
  }

  @Test
  void layer_norm_without_parameters() {
    agree((tape, in) -> Functions.layerNorm(tape, in[0], null, null, 1e-5), 1, random(1, 6, 32));
  }

  @Test
  void rms_norm() {
    agree(
        (tape, in) -> Functions.rmsNorm(tape, in[0], in[1], 1e-6),
        2,
        random(1, 6, 32),
        random(2, 32));
  }

  @Test
  void attention_without_dropout() {
    agree(
        (tape, in) -> Functions.attention(tape, in[0], in[1], in[2], null, true, 0.3, 0, null),
        3,
        random(1, 2, 2, 8, 16),
        random(2, 2, 2, 8, 16),
        random(3, 2, 2, 8, 16));
  }

  @Test
  void attention_with_dropout_which_drops_the_same_in_both() {
    Processors.assumeMultiplies(DType.BFLOAT16);
    agree(
        (tape, in) ->
            Functions.attention(
                tape, in[0], in[1], in[2], null, true, 0.3, 0.4, new RandomStream(3)),
        3,
        random(1, 2, 2, 9, 16),
        random(2, 2, 2, 9, 16),
        random(3, 2, 2, 9, 16));
  }

  @Test
  void attention_that_composes_its_kernels() {
    agree(
        (tape, in) ->
            tape.apply(new Attention.Composed(false, 0.3, null), in[0], in[1], in[2], null),
        3,
        random(1, 2, 2, 8, 16),
        random(2, 2, 2, 8, 16),
        random(3, 2, 2, 8, 16));
  }

  @Test
  void activations() {
    agree((tape, in) -> Functions.gelu(tape, in[0], "none"), 1, random(1, 6, 32));
    agree((tape, in) -> Functions.tanh(tape, in[0]), 1, random(1, 6, 32));
    agree((tape, in) -> Functions.silu(tape, in[0]), 1, random(1, 6, 32));
  }
}
