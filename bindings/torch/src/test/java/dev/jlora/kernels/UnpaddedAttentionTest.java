package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.autograd.UnpaddedFunctions;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import dev.jlora.testing.Processors;
import dev.jlora.testing.ScopedTensors;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Attention over unpadded rows is that of each row alone, whose kernel is compared with one in
 * double precision.
 */
@ExtendWith(ScopedTensors.class)
class UnpaddedAttentionTest {
  private static final int HEADS = 3;
  private static final int WIDTH = 8;

  /** The second is the longest and has several blocks. */
  private static final UnpaddedRows ROWS =
      UnpaddedRows.of(312, new long[] {0, 8, 307, 5}, new long[] {40, 304, 5, 24});

  private static final int TOKENS = (int) ROWS.tokens();

  private static Tensor heads(int seed, DType dtype) {
    double[] values = new Random(seed).doubles((long) TOKENS * HEADS * WIDTH, -2, 2).toArray();
    return Views.transpose(Ops.to(Tensor.of(values, 1, TOKENS, HEADS, WIDTH), dtype), 1, 2);
  }

  private static Tensor mask(DType dtype) {
    double[] values = new double[TOKENS];
    values[2] = -1e9;
    values[41] = -0.5;
    values[TOKENS - 1] = -1e9;
    return Ops.to(Tensor.of(values, 1, 1, 1, TOKENS), dtype);
  }

  private static void assumeServed(DType dtype) {
    Processors.assumeMultiplies(dtype);
    Tensor x = Tensor.zeros(dtype, 1, 1, 4, 4);
    assertThat(AttentionKernel.serves(x, x, x)).isTrue();
  }

  private static Tensor rowOf(Tensor x, UnpaddedRows.Row row, int dim) {
    return Views.slice(x, dim, row.offset(), row.end());
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, false, false, 0",
    "FLOAT32, true, true, 0.2",
    "FLOAT32, false, true, 0.2",
    "BFLOAT16, false, false, 0",
    "BFLOAT16, true, true, 0.2",
    "BFLOAT16, true, false, 0.2"
  })
  void is_the_attention_of_each_row(DType dtype, boolean masked, boolean causal, double p) {
    assumeServed(dtype);
    Tensor q = heads(1, dtype);
    Tensor k = heads(2, dtype);
    Tensor v = heads(3, dtype);
    Tensor g = heads(4, dtype);
    @Nullable Tensor mask = masked ? mask(dtype) : null;
    @Nullable DropMask drop = p == 0 ? null : DropMask.of(5, 8192, p);
    var unpadded = new AttentionKernel(mask, causal, 0.3, drop, ROWS);
    AttentionKernel.Result result = unpadded.forward(q, k, v);
    Tensor[] gradients = unpadded.backward(g, q, k, v, result.statistics(), true, true, true);
    long before = 0;
    for (UnpaddedRows.Row row : ROWS.rows()) {
      Tensor[] parts = new Tensor[4];
      for (int i = 0; i < 4; i++) {
        parts[i] = rowOf(new Tensor[] {q, k, v, g}[i], row, 2);
      }
      var alone =
          new AttentionKernel(
              mask == null ? null : rowOf(mask, row, 3),
              causal,
              0.3,
              drop == null ? null : drop.after(before));
      before += AttentionKernel.numbers(parts[0], parts[1], causal, null);
      AttentionKernel.Result expected = alone.forward(parts[0], parts[1], parts[2]);
      assertThat(rowOf(result.out(), row, 2).toFloats()).isEqualTo(expected.out().toFloats());
      Tensor[] expectedGradients =
          alone.backward(
              parts[3], parts[0], parts[1], parts[2], expected.statistics(), true, true, true);
      for (int i = 0; i < 3; i++) {
        assertThat(rowOf(gradients[i], row, 2).toFloats())
            .as("gradient %d of %s", i, row)
            .isEqualTo(expectedGradients[i].toFloats());
      }
    }
    assertThat(AttentionKernel.numbers(q, k, causal, ROWS)).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "BFLOAT16"})
  void the_bits_do_not_depend_on_the_number_of_threads(DType dtype) {
    assumeServed(dtype);
    int threads = Torch.threads();
    try {
      Torch.threads(1);
      float[][] alone = selfAttention(dtype);
      Torch.threads(2);
      float[][] shared = selfAttention(dtype);
      assertThat(shared[0]).isEqualTo(alone[0]);
      assertThat(shared[1]).isEqualTo(alone[1]);
    } finally {
      Torch.threads(threads);
    }
  }

  @Test
  void one_tensor_of_queries_keys_and_values_gives_what_three_give() {
    assumeServed(DType.FLOAT32);
    Tensor fused = fused(DType.FLOAT32);
    Tensor split = Views.view(fused, 1, TOKENS, 3, HEADS, WIDTH);
    Tensor[] parts = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      parts[i] = Views.transpose(Views.select(split, 2, i), 1, 2);
    }
    Tensor apart =
        UnpaddedFunctions.attention(
            Tape.off(),
            parts[0],
            parts[1],
            parts[2],
            ROWS,
            mask(DType.FLOAT32),
            true,
            0.3,
            0.1,
            new RandomStream(4));
    Tensor joined = Views.reshape(Views.transpose(apart, 1, 2), 1, TOKENS, HEADS * WIDTH);
    assertThat(selfAttention(DType.FLOAT32)[0]).isEqualTo(joined.toFloats());
  }

  @Test
  void rows_that_do_not_fit_are_refused() {
    Tensor q = Tensor.zeros(DType.FLOAT32, 1, 1, 8, 4);
    assertThatThrownBy(
            () -> UnpaddedFunctions.attention(Tape.off(), q, q, q, ROWS, null, false, 1, 0, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the unpadded rows");
    assertThatThrownBy(() -> UnpaddedRows.of(8, new long[] {4}, new long[] {5}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of 8 columns");
  }

  private static Tensor fused(DType dtype) {
    double[] values = new Random(7).doubles(3L * TOKENS * HEADS * WIDTH, -2, 2).toArray();
    return Ops.to(Tensor.of(values, 1, TOKENS, 3L * HEADS * WIDTH), dtype);
  }

  private static float[][] selfAttention(DType dtype) {
    Tensor fused = fused(dtype);
    try (var tape = Tape.recording()) {
      tape.watch(fused);
      Tensor y =
          UnpaddedFunctions.selfAttention(
              tape, fused, HEADS, ROWS, mask(dtype), true, 0.3, 0.1, new RandomStream(4));
      try (var gradients = tape.backward(y, Ops.square(y))) {
        return new float[][] {y.toFloats(), gradients.of(fused).toFloats()};
      }
    }
  }
}
