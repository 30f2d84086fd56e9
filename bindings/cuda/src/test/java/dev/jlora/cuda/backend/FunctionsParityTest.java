package dev.jlora.cuda.backend;

import static dev.jlora.cuda.TestGpu.onGpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.backend.AdamUpdates;
import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.backend.TestBackends;
import dev.jlora.ops.Ops;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions of the tape and their gradients on the GPU against the CPU, masks included. */
@Tag("gpu")
@ExtendWith(ScopedTensors.class)
class FunctionsParityTest {
  private static final long SEED = 77;

  /** One function of some inputs. */
  private interface Body {
    Tensor apply(Tape tape, Tensor[] in);
  }

  /** Its output, then the gradients of all inputs that are floats. */
  private static List<Tensor> results(Body body, Tensor[] inputs, Tensor g) {
    List<Tensor> results = new ArrayList<>();
    try (Tape tape = Tape.recording()) {
      Tensor[] floats =
          Stream.of(inputs).filter(it -> it.dtype().floating()).toArray(Tensor[]::new);
      Stream.of(floats).forEach(tape::watch);
      Tensor y = body.apply(tape, inputs);
      results.add(Ops.to(Ops.contiguous(y), Device.CPU));
      Tensor start = y.rank() == 0 ? Tensor.full(1.5, y.dtype(), y.device()) : g;
      try (Gradients gradients = tape.backward(y, start)) {
        for (Tensor input : floats) {
          assertThat(gradients.of(input).dtype()).isEqualTo(input.dtype());
          results.add(Ops.to(Ops.contiguous(gradients.of(input)), Device.CPU));
        }
      }
    }
    return results;
  }

  private static void same(DType dtype, Body body, Tensor g, Tensor... inputs) {
    List<Tensor> expected = results(body, inputs, g);
    List<Tensor> got =
        BackendGpu.with(
            () ->
                results(
                    body, Stream.of(inputs).map(it -> onGpu(it)).toArray(Tensor[]::new), onGpu(g)));
    for (int i = 0; i < expected.size(); i++) {
      close(dtype, got.get(i), expected.get(i), i == 0 ? "output" : "gradient " + i);
    }
  }

  /**
   * Within some roundings; where a mask differed, whole elements would. libtorch on the CPU sums up
   * the 16-bit gradients of a norm's parameters in 16 bits, so these are off by more.
   */
  private static void close(DType dtype, Tensor got, Tensor expected, String what) {
    assertThat(got.shape()).as(what).isEqualTo(expected.shape());
    double relative =
        switch (dtype) {
          case FLOAT32 -> 2e-5;
          case BFLOAT16 -> 1.0 / 48;
          case FLOAT16 -> 1.0 / 256;
          default -> 1e-12;
        };
    float[] a = Ops.to(got, DType.FLOAT32).toFloats();
    float[] b = Ops.to(expected, DType.FLOAT32).toFloats();
    double largest = IntStream.range(0, b.length).mapToDouble(i -> Math.abs(b[i])).max().orElse(0);
    for (int i = 0; i < a.length; i++) {
      assertThat((double) a[i])
          .as("%s, element %d of %s", what, i, got.describe())
          .isCloseTo(b[i], offset(relative * (Math.abs(b[i]) + 0.5 * largest + 1e-3)));
    }
  }

  private static Tensor random(DType dtype, long... shape) {
    return Ops.to(RandomOps.randn(DType.FLOAT32, shape), dtype);
  }

  private static RandomStream stream() {
    return new RandomStream(SEED);
  }

  static Stream<DType> dtypes() {
    return Stream.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16, DType.FLOAT64);
  }

  @ParameterizedTest
  @MethodSource("dtypes")
  void dropout(DType dtype) {
    Tensor x = Views.t(random(dtype, 130, 70)); // with gaps
    same(
        dtype,
        (tape, in) -> Functions.dropout(tape, in[0], 0.3, stream()),
        random(dtype, 70, 130),
        x);
    same(
        dtype,
        (tape, in) -> Functions.scale(tape, Functions.dropout(tape, in[0], 0.3, stream()), 2),
        random(dtype, 70, 130),
        x);
    same(
        dtype,
        (tape, in) -> Functions.dropoutAdd(tape, in[0], in[1], 0.3, stream()),
        random(dtype, 70, 130),
        x,
        random(dtype, 70, 130));
  }

  static Stream<Arguments> norms() {
    return Stream.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT64)
        .flatMap(
            dtype ->
                Stream.of(DType.FLOAT32, DType.BFLOAT16)
                    .filter(parameter -> dtype != DType.FLOAT64)
                    .flatMap(
                        parameter ->
                            Stream.of(0.0, 0.2).map(p -> Arguments.of(dtype, parameter, p))));
  }

  @ParameterizedTest
  @MethodSource("norms")
  void norms(DType dtype, DType parameters, double p) {
    if (dtype == DType.FLOAT32 && parameters != dtype) {
      return; // the CPU knows no 16-bit parameters beside FLOAT32
    }
    Tensor x = random(dtype, 3, 9, 96);
    Tensor residual = random(dtype, 3, 9, 96);
    Tensor weight = random(parameters, 96);
    Tensor bias = random(parameters, 96);
    Tensor g = random(dtype, 3, 9, 96);
    same(
        dtype,
        (tape, in) ->
            Functions.dropoutAddLayerNorm(tape, in[0], in[1], in[2], in[3], 1e-5, p, stream()),
        g,
        x,
        residual,
        weight,
        bias);
    same(
        dtype,
        (tape, in) -> Functions.layerNorm(tape, in[0], in[1], in[2], 1e-5),
        g,
        x,
        weight,
        bias);
    same(dtype, (tape, in) -> Functions.layerNorm(tape, in[0], null, null, 1e-5), g, x);
  }

  @ParameterizedTest
  @MethodSource("dtypes")
  void gelu(DType dtype) {
    for (String kind : new String[] {"none", "tanh"}) {
      Tensor g = random(dtype, 2, 5, 40);
      same(dtype, (tape, in) -> Functions.gelu(tape, in[0], kind), g, random(dtype, 2, 5, 40));
    }
  }

  @ParameterizedTest
  @MethodSource("dtypes")
  void cross_entropy(DType dtype) {
    long[] labels =
        IntStream.range(0, 12)
            .mapToLong(i -> i % 5 == 0 ? Functions.IGNORE_INDEX : i % 7)
            .toArray();
    for (double smoothing : new double[] {0, 0.1}) {
      same(
          dtype,
          (tape, in) ->
              Functions.crossEntropy(tape, in[0], in[1], Functions.IGNORE_INDEX, smoothing),
          Tensor.scalar(1, DType.FLOAT32),
          random(dtype, 3, 4, 7),
          Tensor.of(labels, 3, 4));
    }
  }

  @ParameterizedTest
  @MethodSource("dtypes")
  void embedding(DType dtype) {
    long[] ids = IntStream.range(0, 60).mapToLong(i -> i * 31L % 11).toArray();
    for (long padding : new long[] {-1, 0}) {
      same(
          dtype,
          (tape, in) -> Functions.embedding(tape, in[0], in[1], padding),
          random(dtype, 4, 15, 33),
          random(dtype, 13, 33),
          Tensor.of(ids, 4, 15));
    }
  }

  static Stream<Arguments> adapters() {
    return Stream.of(DType.FLOAT32, DType.BFLOAT16)
        .flatMap(
            dtype ->
                Stream.of(0.0, 0.25)
                    .flatMap(
                        p ->
                            Stream.of(true, false)
                                .map(transposed -> Arguments.of(dtype, p, transposed))));
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void lora(DType dtype, double p, boolean transposed) {
    Tensor weight = transposed ? random(dtype, 32, 24) : random(dtype, 24, 32);
    UnaryOperator<Tensor> small = it -> Ops.mul(it, 0.2);
    same(
        dtype,
        (tape, in) ->
            Functions.loraLinear(
                tape,
                in[0],
                in[1],
                in[2],
                in[3],
                in[4],
                2,
                p,
                p == 0 ? null : stream(),
                transposed),
        random(dtype, 2, 7, 24),
        random(dtype, 2, 7, 32),
        small.apply(weight),
        random(dtype, 24),
        small.apply(random(DType.FLOAT32, 4, 32)),
        small.apply(random(DType.FLOAT32, 24, 4)));
  }

  /** A model's end: norm, activation, adapter, loss; the gradient runs through all of them. */
  @Test
  void a_block() {
    long[] labels = IntStream.range(0, 10).mapToLong(i -> i % 6).toArray();
    same(
        DType.FLOAT32,
        (tape, in) -> {
          RandomStream random = stream();
          Tensor h =
              Functions.dropoutAddLayerNorm(tape, in[0], in[1], in[2], in[3], 1e-5, 0.1, random);
          Tensor up =
              Functions.loraLinear(tape, h, in[4], null, in[5], in[6], 2, 0.1, random, false);
          Tensor act = Functions.dropout(tape, Functions.gelu(tape, up, "none"), 0.1, random);
          return Functions.crossEntropy(tape, act, in[7], Functions.IGNORE_INDEX, 0);
        },
        Tensor.scalar(1, DType.FLOAT32),
        random(DType.FLOAT32, 2, 5, 16),
        random(DType.FLOAT32, 2, 5, 16),
        random(DType.FLOAT32, 16),
        random(DType.FLOAT32, 16),
        random(DType.FLOAT32, 6, 16),
        random(DType.FLOAT32, 3, 16),
        random(DType.FLOAT32, 6, 3),
        Tensor.of(labels, 2, 5));
  }

  private static Tensor one(double value) {
    return Tensor.of(new float[] {(float) value}, 1);
  }

  /** Parameters, moments, counts and the scale's skip after steps with clipping. */
  private static List<Tensor> trained(
      AdamUpdates adam,
      UnaryOperator<Tensor> place,
      List<Tensor> start,
      boolean overflow,
      boolean look) {
    AdamStep rule = new AdamStep(true, 1e-2, 0.9, 0.999, 0.01, 1e-8);
    List<Tensor> parameters = start.stream().map(it -> place.apply(it)).toList();
    List<Tensor> averages = parameters.stream().map(Tensor::zerosLike).toList();
    List<Tensor> squares = parameters.stream().map(Tensor::zerosLike).toList();
    List<Tensor> counts = parameters.stream().map(it -> place.apply(one(0))).toList();
    Tensor scale = place.apply(one(8));
    Tensor rate = place.apply(one(1e-2));
    List<Tensor> seen = new ArrayList<>();
    for (int step = 0; step < 3; step++) {
      int now = step;
      List<Tensor> gradients =
          start.stream().map(it -> place.apply(Ops.mul(Ops.sin(it), 8 * (now + 1)))).toList();
      if (overflow && step == 1) {
        gradients.getFirst().copyFrom(Tensor.full(Double.POSITIVE_INFINITY, DType.FLOAT32));
      }
      Clipping clipping = adam.clip(gradients, 1, scale);
      if (look) {
        clipping.apply();
        clipping.apply();
      }
      List<AdamUpdates.Slot> slots =
          IntStream.range(0, start.size())
              .mapToObj(
                  i ->
                      new AdamUpdates.Slot(
                          parameters.get(i),
                          gradients.get(i),
                          averages.get(i),
                          squares.get(i),
                          counts.get(i)))
              .toList();
      adam.step(rule, slots, new StepNumbers(1e-2, rate, clipping));
      seen.add(clipping.skip());
      if (!(overflow && step == 1)) {
        seen.add(clipping.norm());
      }
      if (look) {
        seen.addAll(
            gradients.subList(1, gradients.size()).stream()
                .filter(it -> !(overflow && now == 1))
                .toList());
      }
    }
    seen.addAll(parameters);
    seen.addAll(averages);
    seen.addAll(squares);
    seen.addAll(counts);
    return seen.stream().map(it -> Ops.to(it, Device.CPU)).toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void clipping_and_updates(DType dtype) {
    List<Tensor> start =
        IntStream.range(0, 90).mapToObj(i -> random(dtype, 1 + i * 3L, 5)).toList();
    for (boolean overflow : new boolean[] {false, true}) {
      for (boolean look : new boolean[] {false, true}) {
        List<Tensor> expected =
            trained(TestBackends.composed().adam(), Ops::clone, start, overflow, look);
        List<Tensor> got =
            trained(BackendGpu.backend().adam(), it -> onGpu(it), start, overflow, look);
        for (int i = 0; i < expected.size(); i++) {
          close(DType.FLOAT32, got.get(i), expected.get(i), "tensor " + i);
        }
        float[] last = got.getLast().toFloats();
        assertThat(Arrays.equals(last, new float[] {overflow ? 2 : 3})).isTrue();
      }
    }
  }
}
