package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Norms, dropout and attention: what a transformer block is made of. */
@ExtendWith(ScopedTensors.class)
class BlockGradientTest {
  @Test
  void layer_norm() {
    GradientCheck.of((tape, in) -> Functions.layerNorm(tape, in[0], in[1], in[2], 1e-5))
        .input(2, 3, 5)
        .input(5)
        .input(5)
        .holds();
  }

  @Test
  void layer_norm_without_parameters() {
    GradientCheck.of((tape, in) -> Functions.layerNorm(tape, in[0], null, null, 1e-5))
        .input(3, 5)
        .holds();
  }

  @Test
  void rms_norm() {
    GradientCheck.of((tape, in) -> Functions.rmsNorm(tape, in[0], in[1], 1e-6))
        .input(2, 3, 4)
        .input(4)
        .holds();
  }

  @Test
  void rotary() {
    GradientCheck.of(
            (tape, in) -> {
              Tensor cos = Tensor.of(new double[] {1, 0.5, -0.2, 0.3, 0.8, 0.1, 0.7, 0.9}, 2, 4);
              Tensor sin = Tensor.of(new double[] {0, 0.4, -0.9, 0.6, 0.2, 1, -0.3, 0.5}, 2, 4);
              return Functions.rotary(tape, in[0], cos, sin);
            })
        .input(1, 2, 2, 4)
        .holds();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4, 1})
  void dropout(double p) {
    GradientCheck.of((tape, in) -> Functions.dropout(tape, in[0], p, new RandomStream(5)))
        .input(3, 7)
        .holds();
  }

  @Test
  void dropout_whose_gradient_may_be_overwritten() {
    GradientCheck.of(
            (tape, in) ->
                Functions.scale(tape, Functions.dropout(tape, in[0], 0.4, new RandomStream(5)), 2))
        .input(3, 7)
        .holds();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4})
  void dropout_add(double p) {
    GradientCheck.of((tape, in) -> Functions.dropoutAdd(tape, in[0], in[1], p, new RandomStream(5)))
        .input(3, 4)
        .input(3, 4)
        .holds();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4})
  void dropout_add_layer_norm(double p) {
    GradientCheck.of(
            (tape, in) ->
                Functions.dropoutAddLayerNorm(
                    tape, in[0], in[1], in[2], in[3], 1e-5, p, new RandomStream(5)))
        .input(3, 4)
        .input(3, 4)
        .input(4)
        .input(4)
        .holds();
  }

  @ParameterizedTest
  @CsvSource({
    "0, false, false",
    "0, true, false",
    "0, false, true",
    "0.3, false, false",
    "0.3, true, false",
    "0.3, false, true",
    "0.3, true, true"
  })
  void attention(double p, boolean masked, boolean causal) {
    GradientCheck.of(
            (tape, in) ->
                Functions.attention(
                    tape,
                    in[0],
                    in[1],
                    in[2],
                    masked ? paddingMask() : null,
                    causal,
                    0.6,
                    p,
                    new RandomStream(9)))
        .input(2, 2, 3, 4)
        .input(2, 2, 3, 4)
        .input(2, 2, 3, 4)
        .holds();
  }

  private static Tensor paddingMask() {
    return Tensor.of(new double[] {0, 0, -1e9, 0, 0, 0}, 2, 1, 1, 3);
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true"})
  void composed_attention_agrees_with_the_fused_kernel(boolean masked, boolean causal) {
    Tensor[] qkv = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      double[] values = new java.util.Random(i).doubles(48, -1, 1).toArray();
      qkv[i] = Tensor.of(values, 2, 2, 3, 4);
    }
    Tensor mask = masked ? paddingMask() : null;
    try (var tape = Tape.off()) {
      Tensor fused = tape.apply(new Attention.Fused(causal, 0.5), qkv[0], qkv[1], qkv[2], mask);
      Tensor composed =
          tape.apply(new Attention.Composed(causal, 0.5, null), qkv[0], qkv[1], qkv[2], mask);
      assertThat(composed.toDoubles()).containsExactly(fused.toDoubles(), within(1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true"})
  void tiled_attention_agrees_with_the_composed(boolean masked, boolean causal) {
    float[][] tiled = outputAndGradients(new Attention.Tiled(causal, 0.5, null), masked);
    float[][] composed = outputAndGradients(new Attention.Composed(causal, 0.5, null), masked);
    for (int i = 0; i < tiled.length; i++) {
      assertThat(tiled[i]).as("result %d", i).containsExactly(composed[i], within(1e-5f));
    }
  }

  private static float[][] outputAndGradients(Function attention, boolean masked) {
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      Tensor[] qkv = new Tensor[3];
      for (int i = 0; i < 3; i++) {
        double[] values = new java.util.Random(i).doubles(120, -1, 1).toArray();
        qkv[i] = Ops.to(Tensor.of(values, 2, 2, 5, 6), DType.FLOAT32);
        tape.watch(qkv[i]);
      }
      Tensor mask =
          masked
              ? Ops.to(
                  Tensor.of(new double[] {0, 0, 0, 0, -1e9, 0, 0, 0.5, 0, 0}, 2, 1, 1, 5),
                  DType.FLOAT32)
              : null;
      Tensor y = tape.apply(attention, qkv[0], qkv[1], qkv[2], mask);
      float[][] results = new float[4][];
      results[3] = y.toFloats();
      try (var gradients = tape.backward(y, Ops.square(y))) {
        for (int i = 0; i < 3; i++) {
          results[i] = gradients.of(qkv[i]).toFloats();
        }
      }
      return results;
    }
  }

  @Test
  void a_boolean_attention_mask_is_refused_with_the_remedy() {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      Tensor q = Tensor.zeros(DType.FLOAT32, 1, 1, 2, 4);
      Tensor mask = Tensor.of(new boolean[] {true, false}, 1, 1, 1, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.attention(tape, q, q, q, mask, false, 1, 0, null))
          .withMessageContainingAll("BOOL", "FLOAT32", "lowest finite value");
    }
  }
}
