package dev.jlora.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.ops.NeuralOps.Reduction;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.TorchException;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class OpsTest {
  private final float[] six = {1, 2, 3, 4, 5, 6};

  @Test
  void products_agree_with_arithmetic() {
    Tensor a = Tensor.of(six, 2, 3);
    Tensor b = Tensor.of(six, 3, 2);
    assertThat(Products.mm(a, b).toFloats()).containsExactly(22, 28, 49, 64);
    assertThat(Products.linear(a, a, Tensor.of(new float[] {1, 0})).toFloats())
        .containsExactly(15, 32, 33, 77);
    Tensor c = Tensor.ones(DType.FLOAT32, 2, 2);
    Products.addmmOut(c, c, a, b, 1, 2);
    assertThat(c.toFloats()).containsExactly(45, 57, 99, 129);
    assertThat(Products.addmm(Tensor.of(new float[] {1, 2}), a, b, 1, 1).toFloats())
        .containsExactly(23, 30, 50, 66);
    assertThat(Products.dot(Tensor.of(six), Tensor.of(six)).item()).isEqualTo(91);
  }

  /** oneDNN's products in 16 bits need instructions that not every processor has. */
  @Test
  void a_linear_in_bfloat16_is_computed_on_every_processor() {
    Tensor x = Ops.to(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2), DType.BFLOAT16);
    Tensor w = Ops.to(Tensor.of(new float[] {1, 1, 0, 2}, 2, 2), DType.BFLOAT16);
    Tensor bias = Ops.to(Tensor.of(new float[] {0.5f, -1}, 2), DType.BFLOAT16);
    Tensor y = Products.linear(x, w, bias);
    assertThat(y.dtype()).isEqualTo(DType.BFLOAT16);
    assertThat(Ops.to(y, DType.FLOAT32).toFloats()).containsExactly(3.5f, 3, 7.5f, 7, 11.5f, 11);
  }

  @Test
  void products_shared_out_over_threads_are_those_of_one_thread() {
    Tensor a = RandomOps.randn(DType.FLOAT64, 400, 300);
    Tensor b = RandomOps.randn(DType.FLOAT64, 300, 90);
    Tensor batchA = RandomOps.randn(DType.FLOAT64, 7, 60, 70);
    Tensor batchB = RandomOps.randn(DType.FLOAT64, 7, 50, 70);
    int threads = Torch.threads();
    try {
      Torch.threads(1);
      double[] alone = Products.mm(a, b).toDoubles();
      double[] wide = Products.mm(Views.t(b), Views.t(a)).toDoubles();
      double[] batch = Products.bmm(batchA, Views.transpose(batchB, 1, 2)).toDoubles();
      Torch.threads(2);
      assertThat(Products.mm(a, b).toDoubles())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(alone);
      assertThat(Products.mm(Views.t(b), Views.t(a)).toDoubles())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(wide);
      assertThat(Products.bmm(batchA, Views.transpose(batchB, 1, 2)).toDoubles())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(batch);
      Tensor sum = Tensor.ones(DType.FLOAT64, 400, 90);
      Products.addmmOut(sum, sum, a, b, 1, 1);
      assertThat(Ops.addScalar(sum, -1).toDoubles())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(alone);
    } finally {
      Torch.threads(threads);
    }
  }

  @Test
  void elementwise_operators_broadcast() {
    Tensor a = Tensor.of(six, 2, 3);
    Tensor row = Tensor.of(new float[] {10, 20, 30});
    assertThat(Ops.add(a, row).toFloats()).containsExactly(11, 22, 33, 14, 25, 36);
    assertThat(Ops.sub(a, row).toFloats()).containsExactly(-9, -18, -27, -6, -15, -24);
    assertThat(Ops.mul(a, 2).toFloats()).containsExactly(2, 4, 6, 8, 10, 12);
    assertThat(
            Ops.where(Ops.gt(a, Tensor.scalar(3, DType.FLOAT32)), a, Tensor.zeros(DType.FLOAT32))
                .toFloats())
        .containsExactly(0, 0, 0, 4, 5, 6);
    assertThat(Ops.maskedFill(a, Ops.lt(a, Tensor.scalar(3, DType.FLOAT32)), -1).toFloats())
        .containsExactly(-1, -1, 3, 4, 5, 6);
  }

  @Test
  void functions_of_one_number_are_those_of_java() {
    assertFunction(Ops::neg, x -> -x);
    assertFunction(x -> Ops.abs(Ops.neg(x)), x -> x);
    assertFunction(Ops::exp, Math::exp);
    assertFunction(Ops::log, Math::log);
    assertFunction(Ops::sqrt, Math::sqrt);
    assertFunction(Ops::rsqrt, x -> 1 / Math.sqrt(x));
    assertFunction(Ops::square, x -> x * x);
    assertFunction(Ops::sin, Math::sin);
    assertFunction(Ops::cos, Math::cos);
    assertFunction(Ops::tanh, Math::tanh);
    assertFunction(x -> Ops.pow(x, 2.5), x -> Math.pow(x, 2.5));
    assertFunction(x -> Ops.clampMin(x, 1), x -> Math.max(x, 1));
  }

  private static void assertFunction(UnaryOperator<Tensor> ours, DoubleUnaryOperator expected) {
    double[] values = {0.25, 0.5, 1, 1.75, 3};
    assertThat(ours.apply(Tensor.of(values)).toDoubles())
        .containsExactly(Arrays.stream(values).map(expected).toArray(), within(1e-12));
  }

  @Test
  void comparisons_say_where_they_hold() {
    Tensor a = Tensor.of(new float[] {1, 2, 3});
    Tensor two = Tensor.scalar(2, DType.FLOAT32);
    assertThat(Ops.eq(a, two).toLongs()).containsExactly(0, 1, 0);
    assertThat(Ops.ne(a, two).toLongs()).containsExactly(1, 0, 1);
    assertThat(Ops.lt(a, two).toLongs()).containsExactly(1, 0, 0);
    assertThat(Ops.le(a, two).toLongs()).containsExactly(1, 1, 0);
    assertThat(Ops.gt(a, two).toLongs()).containsExactly(0, 0, 1);
    assertThat(Ops.ge(a, two).toLongs()).containsExactly(0, 1, 1);
    assertThat(Ops.eq(a, two).dtype()).isEqualTo(DType.BOOL);
  }

  @Test
  void in_place_operators_write_where_they_stand() {
    Tensor a = Tensor.of(six);
    InPlace.add(a, Tensor.of(six), 0.5);
    assertThat(a.toFloats()).containsExactly(1.5f, 3, 4.5f, 6, 7.5f, 9);
    InPlace.mul(a, 2);
    assertThat(a.toFloats()).containsExactly(3, 6, 9, 12, 15, 18);
    InPlace.fill(a, 4);
    assertThat(Reduce.sum(a).item()).isEqualTo(24);
  }

  @Test
  void reductions_name_their_dimensions() {
    Tensor a = Tensor.of(six, 2, 3);
    assertThat(Reduce.sum(a, false, 0).toFloats()).containsExactly(5, 7, 9);
    assertThat(Reduce.mean(a, true, 1).shape()).containsExactly(2, 1);
    assertThat(Reduce.argmax(a, 1, false).toLongs()).containsExactly(2, 2);
    assertThat(Reduce.amax(a, false).item()).isEqualTo(6);
  }

  @Test
  void indexing_picks_elements() {
    Tensor a = Tensor.of(six, 2, 3);
    Tensor rows = Tensor.of(new long[] {0, 1, 1});
    Tensor columns = Tensor.of(new long[] {2, 0, 1});
    assertThat(Indexing.index(a, rows, columns).toFloats()).containsExactly(3, 4, 5);
    assertThat(Indexing.indexSelect(a, 0, Tensor.of(new long[] {1}, 1)).toFloats())
        .containsExactly(4, 5, 6);
    assertThat(NeuralOps.embedding(a, Tensor.of(new long[] {1, 0})).toFloats())
        .containsExactly(4, 5, 6, 1, 2, 3);
  }

  @Test
  void losses_have_pytorch_s_values() {
    Tensor logits = Tensor.of(new float[] {0, 0, 1, 0}, 2, 2);
    Tensor logp = NeuralOps.logSoftmax(logits, 1);
    Tensor loss =
        NeuralOps.nllLoss(
            logp, Tensor.of(new long[] {0, 0}), null, Reduction.MEAN, Functions.IGNORE_INDEX)[0];
    double expected = (Math.log(2) + Math.log(1 + Math.exp(-1))) / 2;
    assertThat(loss.item()).isCloseTo(expected, within(1e-6));
  }

  @Test
  void layer_norm_returns_its_statistics() {
    Tensor a = Tensor.of(six, 2, 3);
    Tensor[] result = NeuralOps.layerNorm(a, new long[] {3}, null, null, 1e-5);
    assertThat(result[1].toFloats()).containsExactly(2, 5);
    Tensor[] grads =
        NeuralOps.layerNormBackward(
            a,
            a,
            new long[] {3},
            result[1],
            result[2],
            null,
            null,
            new boolean[] {true, false, false});
    assertThat(grads[0].shape()).containsExactly(2, 3);
    assertThat(grads[1]).isNull();
  }

  @Test
  void adamw_makes_the_step_of_the_paper() {
    Tensor p = Tensor.of(new float[] {1, 1});
    Tensor g = Tensor.of(new float[] {0.5f, -2});
    Tensor m = Tensor.zerosLike(p);
    Tensor v = Tensor.zerosLike(p);
    OptimizerOps.adam(
        new AdamStep(true, 0.1, 0.9, 0.999, 0.01, 1e-8),
        List.of(p),
        List.of(g),
        List.of(m),
        List.of(v),
        List.of(Tensor.full(1, DType.FLOAT32, 1)),
        null);
    assertThat(p.toFloats()[0]).isCloseTo(1 - 0.001f - 0.1f, within(1e-5f));
    assertThat(p.toFloats()[1]).isCloseTo(1 - 0.001f + 0.1f, within(1e-5f));
  }

  @Test
  void a_refused_call_names_operator_shapes_and_dtypes() {
    Tensor a = Tensor.of(six, 2, 3);
    assertThatThrownBy(() -> Products.mm(a, a))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("aten::mm(FLOAT32[2, 3], FLOAT32[2, 3])");
    Tensor closed = Tensor.of(six);
    closed.close();
    assertThatThrownBy(() -> Ops.exp(closed)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_seed_reproduces_the_random_numbers_of_pytorch() {
    Torch.seed(1234);
    assertThat(RandomOps.rand(DType.FLOAT32, 4).toFloats())
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(0.0290f, 0.4019f, 0.2598f, 0.3666f);
  }

  @Test
  void java_loops_run_on_the_pool_and_their_failures_come_back() {
    AtomicLong sum = new AtomicLong();
    Parallel.forRange(
        0,
        1000,
        10,
        (begin, end) -> {
          for (long i = begin; i < end; i++) {
            sum.addAndGet(i);
          }
        });
    assertThat(sum.get()).isEqualTo(499_500);
    assertThatThrownBy(
            () ->
                Parallel.forRange(
                    0,
                    100,
                    1,
                    (_, _) -> {
                      throw new IllegalStateException("from the body");
                    }))
        .hasMessage("from the body");
  }
}
