package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import dev.jlora.testing.Processors;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tiles against the same in doubles: outputs and gradients, over shapes, masks and dtypes. */
class AttentionKernelTest {
  private static final long SEED = 5;

  private static Tensor random(int seed, DType dtype, long... shape) {
    Random random = new Random(seed);
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

  /** [b, h, s, d] over memory [b, s, h, d], as a model's linears leave it. */
  private static Tensor heads(int seed, DType dtype, int b, int h, int s, int d) {
    return Views.transpose(random(seed, dtype, b, s, h, d), 1, 2);
  }

  /** One attention and its gradients against those by hand. */
  private static void check(
      DType dtype, int[] shape, @Nullable Tensor mask, boolean causal, double p, boolean folded) {
    int b = shape[0];
    int h = shape[1];
    int s = shape[2];
    int t = shape[3];
    int d = shape[4];
    Tensor q = heads(1, dtype, b, h, s, d);
    Tensor k = heads(2, dtype, b, h, t, d);
    Tensor v = heads(3, dtype, b, h, t, d);
    Tensor g = heads(4, dtype, b, h, s, d);
    if (folded) {
      q = Ops.contiguous(q);
      v = Ops.contiguous(v);
      g = Ops.contiguous(g);
    }
    double scale = 1 / Math.sqrt(d);
    DropMask drop = p == 0 ? null : DropMask.of(SEED, 0, p);
    AttentionKernel kernel = new AttentionKernel(mask, causal, scale, drop);
    AttentionKernel.Result result = kernel.forward(q, k, v);
    Tensor[] gradients = kernel.backward(g, q, k, v, result.statistics(), true, true, true);
    double[] kept = drop == null ? null : kept(dtype, b, h, s, t, causal, drop);
    AttentionByHand expected = new AttentionByHand(q, k, v, g, mask, causal, scale, kept);
    close("output", dtype, result.out(), expected.out);
    close("dq", dtype, gradients[0], expected.dq);
    close("dk", dtype, gradients[1], expected.dk);
    close("dv", dtype, gradients[2], expected.dv);
  }

  /**
   * The mask with its scale: where all scores are equal, and values are a unit matrix, it shows.
   */
  private static double[] kept(
      DType dtype, int b, int h, int s, int t, boolean causal, DropMask drop) {
    int d = AttentionTiling.even(t);
    Tensor zero = Tensor.zeros(dtype, b, h, s, d);
    Tensor zeroKeys = Tensor.zeros(dtype, b, h, t, d);
    float[] unit = new float[t * d];
    for (int i = 0; i < t; i++) {
      unit[i * d + i] = 1;
    }
    Tensor values =
        Ops.contiguous(Views.expand(Ops.to(Tensor.of(unit, 1, 1, t, d), dtype), b, h, t, d));
    double[] shown =
        new AttentionKernel(null, causal, 1, drop)
            .forward(zero, zeroKeys, values)
            .out()
            .toDoubles();
    double[] kept = new double[b * h * s * t];
    for (int row = 0; row < b * h * s; row++) {
      for (int j = 0; j < t; j++) {
        kept[row * t + j] = shown[row * d + j] == 0 ? 0 : drop.scale();
      }
    }
    return kept;
  }

  private static void close(String what, DType dtype, Tensor actual, double[] expected) {
    double relative = dtype == DType.FLOAT32 ? 2e-5 : 0.02;
    double norm = 0;
    for (double value : expected) {
      norm += value * value;
    }
    double size = Math.sqrt(norm / expected.length);
    double[] values = actual.toDoubles();
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(values[i] - expected[i], 2);
      assertThat(values[i])
          .as("%s of %s at %d", what, actual.describe(), i)
          .isCloseTo(expected[i], within(relative * 4 * (Math.abs(expected[i]) + 2 * size) + 1e-7));
    }
    assertThat(Math.sqrt(error / expected.length))
        .as(what)
        .isLessThanOrEqualTo(relative * size + 1e-7);
  }

  private static void assumeServed(DType dtype) {
    Processors.assumeMultiplies(dtype);
    Tensor x = Tensor.zeros(dtype, 1, 1, 4, 4);
    assertThat(AttentionKernel.serves(x, x, x)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "2, 3, 128, 128, 64", // BERT
    "1, 2, 197, 197, 64", // ViT: an odd number of positions
    "1, 1, 300, 300, 32", // several blocks
    "2, 2, 5, 3, 2",
    "1, 2, 1, 9, 8", // one query
    "1, 1, 7, 1, 6", // one key
    "1, 1, 700, 3, 4", // many queries, few keys
    "1, 1, 3, 700, 4",
    "1, 2, 33, 70, 80"
  })
  void shapes(int b, int h, int s, int t, int d) {
    for (DType dtype : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
      try (var _ = Scope.open()) {
        assumeServed(dtype);
        int[] shape = {b, h, s, t, d};
        check(dtype, shape, null, false, 0, false);
        check(dtype, shape, null, false, 0.3, true);
        check(dtype, shape, null, s <= t, 0.1, false);
      }
    }
  }

  @Property(tries = 60)
  @Label("any shape, with and without dropout and triangle, agrees with attention by hand")
  void any_shape(
      @ForAll @IntRange(min = 1, max = 2) int b,
      @ForAll @IntRange(min = 1, max = 3) int h,
      @ForAll @IntRange(min = 1, max = 150) int s,
      @ForAll @IntRange(min = 1, max = 150) int t,
      @ForAll @IntRange(min = 1, max = 12) int halfWidth,
      @ForAll @IntRange(max = 1) int dtype,
      @ForAll boolean causal,
      @ForAll boolean drops) {
    DType type = dtype == 0 ? DType.FLOAT32 : DType.BFLOAT16;
    try (var _ = Scope.open()) {
      assumeServed(type);
      int[] shape = {b, h, s, t, 2 * halfWidth};
      check(type, shape, null, causal, drops ? 0.2 : 0, halfWidth % 2 == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void masks_of_every_shape_that_broadcasts(DType dtype) {
    long[][] shapes = {
      {2, 1, 1, 21}, {1, 1, 20, 21}, {2, 3, 20, 21}, {2, 3, 1, 21}, {20, 21}, {1, 1, 20, 1}, {21}
    };
    for (long[] shape : shapes) {
      for (boolean causal : new boolean[] {false, true}) {
        try (var _ = Scope.open()) {
          assumeServed(dtype);
          Tensor mask = random(9, dtype, shape);
          check(dtype, new int[] {2, 3, 20, 21, 8}, mask, causal, 0.25, false);
          // zeros add nothing, some minus infinity hides
          Tensor hiding =
              Ops.maskedFill(
                  Tensor.zeros(dtype, shape),
                  Ops.gt(mask, Tensor.scalar(1.5, dtype)),
                  Double.NEGATIVE_INFINITY);
          if (!causal && shape[shape.length - 1] > 1) {
            check(dtype, new int[] {2, 3, 20, 21, 8}, hiding, causal, 0, false);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void a_row_hidden_by_the_lowest_finite_value_attends_to_all(DType dtype) {
    try (var _ = Scope.open()) {
      assumeServed(dtype);
      double lowest = dtype == DType.FLOAT32 ? -Float.MAX_VALUE : -3.3895313892515355e38;
      Tensor mask = Tensor.full(lowest, dtype, 1, 1, 1, 6);
      check(dtype, new int[] {1, 2, 6, 6, 4}, mask, false, 0, false);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void what_is_not_a_number_stays_none(DType dtype) {
    try (var _ = Scope.open()) {
      assumeServed(dtype);
      Tensor q = random(1, dtype, 1, 1, 4, 4);
      Tensor bad = Ops.mul(q, Double.NaN);
      Tensor infinite = Tensor.full(Double.NEGATIVE_INFINITY, dtype, 1, 1, 1, 4);
      var plain = new AttentionKernel(null, false, 1, null);
      assertThat(plain.forward(bad, q, q).out().toFloats()).containsOnly(Float.NaN);
      assertThat(plain.forward(q, q, bad).out().toFloats()).containsOnly(Float.NaN);
      assertThat(new AttentionKernel(infinite, false, 1, null).forward(q, q, q).out().toFloats())
          .containsOnly(Float.NaN);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void the_bits_do_not_depend_on_the_number_of_threads(DType dtype) {
    int threads = Torch.threads();
    try (var _ = Scope.open()) {
      assumeServed(dtype);
      Tensor q = heads(1, dtype, 2, 3, 300, 16);
      Tensor mask = random(7, dtype, 2, 1, 1, 300);
      var kernel = new AttentionKernel(mask, true, 0.25, DropMask.of(SEED, 8192, 0.1));
      Torch.threads(1);
      AttentionKernel.Result alone = kernel.forward(q, q, q);
      Tensor[] aloneBack = kernel.backward(q, q, q, q, alone.statistics(), true, true, true);
      Torch.threads(2);
      AttentionKernel.Result shared = kernel.forward(q, q, q);
      Tensor[] sharedBack = kernel.backward(q, q, q, q, shared.statistics(), true, true, true);
      assertThat(shared.out().toFloats()).isEqualTo(alone.out().toFloats());
      for (int i = 0; i < 3; i++) {
        assertThat(sharedBack[i].toFloats()).isEqualTo(aloneBack[i].toFloats());
      }
    } finally {
      Torch.threads(threads);
    }
  }

  @Test
  void only_the_gradients_asked_for_are_made() {
    try (var _ = Scope.open()) {
      assumeServed(DType.FLOAT32);
      Tensor q = random(1, DType.FLOAT32, 1, 1, 8, 4);
      var kernel = new AttentionKernel(null, false, 1, null);
      Tensor statistics = kernel.forward(q, q, q).statistics();
      Tensor[] all = kernel.backward(q, q, q, q, statistics, true, true, true);
      for (int i = 0; i < 3; i++) {
        Tensor[] one = kernel.backward(q, q, q, q, statistics, i == 0, i == 1, i == 2);
        for (int j = 0; j < 3; j++) {
          if (i == j) {
            assertThat(one[j].toFloats()).isEqualTo(all[j].toFloats());
          } else {
            assertThat(one[j]).isNull();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 128, 200, 256})
  void dropout_keeps_the_share_asked_for(int length) {
    try (var _ = Scope.open()) {
      assumeServed(DType.FLOAT32);
      double[] kept = kept(DType.FLOAT32, 2, 2, length, length, false, DropMask.of(3, 0, 0.1));
      long count = java.util.Arrays.stream(kept).filter(value -> value != 0).count();
      double deviation = Math.sqrt(kept.length * 0.1 * 0.9);
      assertThat((double) count).isCloseTo(0.9 * kept.length, within(5 * deviation));
    }
  }

  @Test
  void both_dtypes_drop_the_same_elements() {
    try (var _ = Scope.open()) {
      assumeServed(DType.FLOAT32);
      assumeServed(DType.BFLOAT16);
      DropMask drop = DropMask.of(3, 0, 0.5);
      assertThat(kept(DType.BFLOAT16, 1, 2, 20, 30, false, drop))
          .isEqualTo(kept(DType.FLOAT32, 1, 2, 20, 30, false, drop));
    }
  }
}
