package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.kernels.DropMask;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
  private static final DType[] DTYPES = {
    DType.FLOAT32, DType.BFLOAT16, DType.FLOAT64, DType.FLOAT16
  };

  @Property(tries = 60)
  @Label("the share of kept elements is that asked for, within five standard deviations")
  void keeps_the_share_asked_for(
      @ForAll @DoubleRange(min = 0, max = 1) double p,
      @ForAll @IntRange(max = 1) int dtype,
      @ForAll @IntRange(min = 1, max = 60_000) int count,
      @ForAll long seed) {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      Tensor ones = Tensor.ones(DTYPES[dtype], count);
      float[] dropped = Functions.dropout(tape, ones, p, new RandomStream(seed)).toFloats();
      long kept = 0;
      for (float value : dropped) {
        kept += value != 0 ? 1 : 0;
      }
      double deviation = Math.sqrt(count * p * (1 - p));
      assertThat((double) kept).isCloseTo(count * (1 - p), within(5 * deviation + 1));
    }
  }

  @Property(tries = 60)
  @Label("backward zeroes and scales the elements that forward zeroed and scaled")
  void the_mask_of_backward_is_that_of_forward(
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double p,
      @ForAll @IntRange(max = 3) int dtype,
      @ForAll @IntRange(min = 1, max = 30_000) int count,
      @ForAll long seed) {
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      Tensor ones = Tensor.ones(DTYPES[dtype], count);
      tape.watch(ones);
      Tensor dropped = Functions.dropout(tape, ones, p, new RandomStream(seed));
      try (var gradients = tape.backward(dropped, Tensor.ones(DTYPES[dtype], count))) {
        assertThat(gradients.of(ones).toFloats()).isEqualTo(dropped.toFloats());
      }
    }
  }

  @Property(tries = 40)
  @Label("every element of a bfloat16 dropout-and-add is the correctly rounded one")
  void bfloat16_rounds_to_nearest_even(
      @ForAll @DoubleRange(min = 0, max = 0.9) double p,
      @ForAll @IntRange(min = 1, max = 20_000) int count,
      @ForAll int seed) {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      Tensor x = randomBfloat16(seed, count);
      Tensor residual = randomBfloat16(seed + 1, count);
      DropMask mask = new RandomStream(seed).mask(p, count);
      float[] kept = mask.times(Tensor.ones(DType.BFLOAT16, count), 1).toFloats();
      float[] xs = x.toFloats();
      float[] residuals = residual.toFloats();
      float[] expected = new float[count];
      for (int i = 0; i < count; i++) {
        expected[i] = xs[i] * kept[i] * (float) mask.scale() + residuals[i];
      }
      Tensor rounded = Ops.to(Tensor.of(expected, count), DType.BFLOAT16);
      Tensor sum = tape.apply(new Dropouts.DropoutAdd(mask), x, residual);
      assertThat(sum.toFloats()).isEqualTo(rounded.toFloats());
    }
  }

  private static Tensor randomBfloat16(int seed, int count) {
    var random = new java.util.Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Ops.to(Tensor.of(values, count), DType.BFLOAT16);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void the_result_does_not_depend_on_the_number_of_threads(DType dtype) {
    int threads = Torch.threads();
    try (var _ = Scope.open()) {
      DropMask mask = new DropMask(11, 0, 50_000);
      Tensor x = Tensor.ones(dtype, 100_001);
      Torch.threads(1);
      float[] alone = mask.times(x, mask.scale()).toFloats();
      Torch.threads(2);
      assertThat(mask.times(x, mask.scale()).toFloats()).isEqualTo(alone);
    } finally {
      Torch.threads(threads);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT64"})
  void in_place_and_accumulating_variants_agree_with_the_plain_one(DType dtype) {
    try (var _ = Scope.open()) {
      DropMask mask = new DropMask(3, RandomStream.GRAIN, 30_000);
      Tensor x = Ops.to(Ops.addScalar(Ops.to(Indexing.arange(9001), DType.FLOAT32), 1), dtype);
      float[] plain = mask.times(x, 2).toFloats();
      Tensor sum = Tensor.zeros(dtype, 9001);
      mask.addTo(sum, x, 2);
      assertThat(sum.toFloats()).isEqualTo(plain);
      mask.timesInPlace(x, 2);
      assertThat(x.toFloats()).isEqualTo(plain);
    }
  }

  @Test
  void a_stream_restored_from_seed_and_offset_goes_on_with_the_same_masks() {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      RandomStream stream = new RandomStream(99);
      Tensor x = Tensor.ones(DType.FLOAT32, 1000);
      float[] first = Functions.dropout(tape, x, 0.5, stream).toFloats();
      long offset = stream.offset();
      float[] second = Functions.dropout(tape, x, 0.5, stream).toFloats();
      RandomStream restored = new RandomStream(99);
      restored.seek(offset);
      assertThat(second).isNotEqualTo(first);
      assertThat(Functions.dropout(tape, x, 0.5, restored).toFloats()).isEqualTo(second);
    }
  }

  @Test
  void no_dropout_draws_nothing_and_copies_nothing() {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      RandomStream stream = new RandomStream(1);
      Tensor x = Tensor.ones(DType.FLOAT32, 4);
      assertThat(Functions.dropout(tape, x, 0, stream).address()).isEqualTo(x.address());
      assertThat(stream.offset()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void a_probability_that_is_none_is_refused_and_nothing_drawn(double p) {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      Tensor x = Tensor.ones(DType.FLOAT32, 4);
      RandomStream stream = new RandomStream(1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.dropout(tape, x, p, stream))
          .withMessageContainingAll("dropout", "p = " + p, "0 <= p <= 1");
      assertThat(stream.offset()).isZero();
    }
  }

  @Test
  void a_residual_of_another_dtype_is_refused_before_memory_is_read() {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      Tensor x = Tensor.ones(DType.FLOAT32, 4);
      Tensor residual = Tensor.ones(DType.BFLOAT16, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.dropoutAdd(tape, x, residual, 0.5, new RandomStream(1)))
          .withMessageContainingAll("residual", "BFLOAT16", "FLOAT32");
    }
  }

  @Test
  void a_missing_stream_is_refused() {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      Tensor x = Tensor.ones(DType.FLOAT32, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Functions.dropout(tape, x, 0.5, null))
          .withMessageContaining("no random stream");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-8192, 1, 8191})
  void a_stream_refuses_an_offset_at_which_no_draw_begins(long offset) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RandomStream(1).seek(offset))
        .withMessageContaining("multiple of 8192");
  }
}
