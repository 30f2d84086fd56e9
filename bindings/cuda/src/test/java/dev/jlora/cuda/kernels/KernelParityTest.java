package dev.jlora.cuda.kernels;

import static dev.jlora.cuda.TestGpu.onGpu;
import static dev.jlora.cuda.TestGpu.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.cuda.TestGpu;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.OptimizerOps;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels on the GPU against libtorch's operators on the CPU. */
@Tag("gpu")
@ExtendWith(ScopedTensors.class)
class KernelParityTest {

  static Stream<Arguments> activations() {
    return Stream.of(Parity.DTYPES)
        .flatMap(
            dtype ->
                IntStream.of(12, 771, 3072)
                    .boxed()
                    .flatMap(
                        columns ->
                            Stream.of("none", "tanh")
                                .map(kind -> Arguments.of(dtype, columns, kind))));
  }

  @ParameterizedTest
  @MethodSource("activations")
  void gelu_of_a_biased_sum(DType dtype, int columns, String kind) {
    boolean tanh = kind.equals("tanh");
    Tensor x = Parity.random(dtype, 13, columns);
    Tensor bias = Parity.random(dtype, columns);
    Tensor g = Parity.random(dtype, 13, columns);
    Tensor sum = Ops.add(x, bias);
    GeluKernels kernels = new GeluKernels(TestGpu.kernels());

    Tensor y = Parity.unset(dtype, 13, columns);
    kernels.forward(stream(), y, onGpu(x), onGpu(bias), tanh);
    Parity.close(y, Ops.gelu(sum, kind), 2e-6);
    Tensor dx = onGpu(g);
    kernels.backward(stream(), dx, dx, onGpu(x), onGpu(bias), tanh);
    Parity.close(dx, NeuralOps.geluBackward(g, sum, kind), 4e-6);
    kernels.forward(stream(), y, onGpu(x), null, tanh);
    Parity.close(y, Ops.gelu(x, kind), 2e-6);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void sums_of_columns(DType dtype) {
    for (int rows : new int[] {1, 16, 17, 700, 5000}) {
      Tensor x = Parity.random(dtype, rows, 300);
      Tensor out = Parity.unset(DType.FLOAT32, 300);
      Tensor workspace = Parity.unset(DType.FLOAT32, ColumnSums.workspaceRows(rows), 300);
      new ColumnSums(TestGpu.kernels()).run(stream(), out, onGpu(x), workspace);
      Parity.close(out, Reduce.sum(Ops.to(x, DType.FLOAT32), false, 0), 1e-3);
    }
  }

  static Stream<Arguments> losses() {
    return Stream.of(Parity.DTYPES)
        .flatMap(
            dtype ->
                IntStream.of(2, 130, 5003)
                    .boxed()
                    .flatMap(
                        columns ->
                            Stream.of(0.0, 0.1)
                                .map(smoothing -> Arguments.of(dtype, columns, smoothing))));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void cross_entropy_and_its_gradient(DType dtype, int columns, double smoothing) {
    int rows = 19;
    Tensor logits = Ops.mul(Parity.random(dtype, rows, columns), 5.0);
    long[] values =
        IntStream.range(0, rows)
            .mapToLong(row -> row % 4 == 3 ? Functions.IGNORE_INDEX : row * 7919L % columns)
            .toArray();
    Tensor labels = Tensor.of(values, rows);
    CrossEntropyKernels kernels = new CrossEntropyKernels(TestGpu.kernels());
    var rule = new CrossEntropyKernels.Rule(Functions.IGNORE_INDEX, smoothing);
    var results =
        new CrossEntropyKernels.Results(
            Parity.unset(DType.FLOAT32),
            Parity.unset(DType.FLOAT32),
            Parity.unset(DType.FLOAT32, rows),
            Parity.unset(DType.FLOAT32, rows));
    Tensor dlogits = onGpu(logits);
    kernels.forward(stream(), results, dlogits, onGpu(labels), rule);
    Tensor g = onGpu(Tensor.scalar(2.5, DType.FLOAT32));
    kernels.backward(stream(), dlogits, g, results.saved(), dlogits, onGpu(labels), rule);

    try (var tape = Tape.recording()) {
      tape.watch(logits);
      Tensor loss = Functions.crossEntropy(tape, logits, labels, Functions.IGNORE_INDEX, smoothing);
      Parity.close(results.loss(), Ops.to(loss, DType.FLOAT32), 1e-5);
      assertThat(Parity.floats(results.counted())).containsExactly(15);
      try (var gradients = tape.backward(loss, Tensor.scalar(2.5, loss.dtype()))) {
        Parity.close(dlogits, gradients.of(logits), 2e-6);
      }
    }
  }

  @Test
  void a_label_outside_of_the_columns_makes_the_loss_not_a_number() {
    var results =
        new CrossEntropyKernels.Results(
            Parity.unset(DType.FLOAT32),
            Parity.unset(DType.FLOAT32),
            Parity.unset(DType.FLOAT32, 2),
            Parity.unset(DType.FLOAT32, 2));
    for (long label : new long[] {3, -1, Long.MAX_VALUE}) {
      new CrossEntropyKernels(TestGpu.kernels())
          .forward(
              stream(),
              results,
              onGpu(Parity.random(DType.FLOAT32, 2, 3)),
              onGpu(Tensor.of(new long[] {0, label}, 2)),
              new CrossEntropyKernels.Rule(Functions.IGNORE_INDEX, 0));
      assertThat(Parity.floats(results.loss())).containsExactly(Float.NaN);
    }
  }

  @Test
  void a_logit_that_is_not_a_number_makes_the_loss_none_wherever_it_stands() {
    for (int column : new int[] {0, 1, 4, 31, 32, 99}) {
      float[] values = new float[100];
      values[column] = Float.NaN;
      var results =
          new CrossEntropyKernels.Results(
              Parity.unset(DType.FLOAT32),
              Parity.unset(DType.FLOAT32),
              Parity.unset(DType.FLOAT32, 1),
              Parity.unset(DType.FLOAT32, 1));
      new CrossEntropyKernels(TestGpu.kernels())
          .forward(
              stream(),
              results,
              onGpu(Tensor.of(values, 1, 100)),
              onGpu(Tensor.of(new long[] {7}, 1)),
              new CrossEntropyKernels.Rule(Functions.IGNORE_INDEX, 0));
      assertThat(Parity.floats(results.loss())).containsExactly(Float.NaN);
    }
  }

  static Stream<Arguments> optimizers() {
    return Stream.of(DType.FLOAT32, DType.BFLOAT16)
        .flatMap(dtype -> Stream.of(true, false).map(it -> Arguments.of(dtype, it)));
  }

  /** More tensors than a launch takes, some longer than a block's chunk, one empty. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void adam_over_many_tensors(DType dtype, boolean decoupled) {
    var rule = new AdamKernels.Rule(decoupled, 0.9, 0.999, 0.01, 1e-8);
    List<Tensor> parameters = new ArrayList<>();
    List<Tensor> averages = new ArrayList<>();
    List<Tensor> squares = new ArrayList<>();
    List<Tensor> counts = new ArrayList<>();
    List<Tensor> gpuParameters = new ArrayList<>();
    List<Tensor> gpuAverages = new ArrayList<>();
    List<Tensor> gpuSquares = new ArrayList<>();
    List<Tensor> gpuCounts = new ArrayList<>();
    Tensor rate = onGpu(Tensor.of(new float[] {1e-2f}, 1));
    Tensor clipping = onGpu(Tensor.of(new float[] {5, 1, 1, 0}, 4));
    for (int i = 0; i < 100; i++) {
      long size = i == 50 ? 0 : i % 40 == 7 ? 8192L * 2 + i : 1 + i * 13L;
      parameters.add(Parity.random(dtype, size));
      averages.add(Tensor.zeros(dtype, size));
      squares.add(Tensor.zeros(dtype, size));
      counts.add(Tensor.zeros(DType.FLOAT32, 1));
      gpuParameters.add(onGpu(parameters.getLast()));
      gpuAverages.add(onGpu(averages.getLast()));
      gpuSquares.add(onGpu(squares.getLast()));
      gpuCounts.add(onGpu(counts.getLast()));
    }
    int steps = dtype == DType.FLOAT32 ? 3 : 1; // roundings of 16 bits drift apart
    for (int step = 1; step <= steps; step++) {
      List<Tensor> gradients =
          parameters.stream().map(it -> Parity.random(dtype, it.shape())).toList();
      List<AdamKernels.Slot> slots =
          IntStream.range(0, 100)
              .mapToObj(
                  i ->
                      new AdamKernels.Slot(
                          gpuParameters.get(i),
                          onGpu(gradients.get(i)),
                          gpuAverages.get(i),
                          gpuSquares.get(i),
                          gpuCounts.get(i)))
              .toList();
      new AdamKernels(TestGpu.kernels()).step(stream(), slots, rate, clipping, rule);
      counts.forEach(count -> InPlace.add(count, Tensor.ones(DType.FLOAT32, 1), 1));
      OptimizerOps.adam(
          new AdamStep(decoupled, 1e-2, 0.9, 0.999, 0.01, 1e-8),
          parameters,
          gradients,
          averages,
          squares,
          counts);
    }
    for (int i = 0; i < 100; i++) {
      Parity.close(gpuParameters.get(i), parameters.get(i), 3e-6);
      Parity.close(gpuAverages.get(i), averages.get(i), 3e-6);
      Parity.close(gpuSquares.get(i), squares.get(i), 3e-6);
      assertThat(Parity.floats(gpuCounts.get(i))).containsExactly(i == 50 ? 0 : steps);
    }
  }

  @Test
  void clipping_by_the_norm_of_all_gradients() {
    List<Tensor> gradients =
        IntStream.range(0, 130)
            .mapToObj(i -> Parity.random(Parity.DTYPES[i % 3], 1 + i * 97L))
            .toList();
    double squares =
        gradients.stream()
            .mapToDouble(it -> Reduce.sum(Ops.square(Ops.to(it, DType.FLOAT64))).item())
            .sum();
    double norm = Math.sqrt(squares) / 4;
    Tensor clipping = Parity.unset(DType.FLOAT32, 4);
    Tensor scale = onGpu(Tensor.of(new float[] {4}, 1));
    Tensor workspace = Parity.unset(DType.FLOAT32, AdamKernels.workspaceSize(gradients));
    List<Tensor> onGpu = gradients.stream().map(TestGpu::onGpu).toList();
    AdamKernels kernels = new AdamKernels(TestGpu.kernels());

    kernels.clip(stream(), clipping, onGpu, workspace, 1, scale);
    float[] clipped = Parity.floats(clipping);
    assertThat((double) clipped[0]).isCloseTo(norm, within(norm * 1e-5));
    assertThat((double) clipped[1]).isCloseTo(0.25 / (norm + 1e-6), within(1e-5));
    assertThat(clipped[2]).isOne();
    assertThat(clipped[3]).isZero();
    kernels.clip(stream(), clipping, onGpu, workspace, 0, null);
    assertThat(Parity.floats(clipping)[1]).isOne();
  }

  @Test
  void a_step_with_a_gradient_that_is_not_finite_changes_nothing() {
    Tensor gradient = onGpu(Tensor.of(new float[] {1, Float.POSITIVE_INFINITY, 2}, 3));
    Tensor parameter = onGpu(Tensor.of(new float[] {1, 2, 3}, 3));
    Tensor average = onGpu(Tensor.zeros(DType.FLOAT32, 3));
    Tensor count = onGpu(Tensor.of(new float[] {7}, 1));
    Tensor clipping = Parity.unset(DType.FLOAT32, 4);
    var rule = new AdamKernels.Rule(true, 0.9, 0.999, 0.01, 1e-8);
    AdamKernels kernels = new AdamKernels(TestGpu.kernels());
    kernels.clip(stream(), clipping, List.of(gradient), Parity.unset(DType.FLOAT32, 1), 1, null);
    kernels.step(
        stream(),
        List.of(new AdamKernels.Slot(parameter, gradient, average, average, count)),
        onGpu(Tensor.of(new float[] {0.1f}, 1)),
        clipping,
        rule);

    assertThat(Parity.floats(clipping)[2]).isZero();
    assertThat(Parity.floats(clipping)[3]).isOne();
    assertThat(Parity.floats(count)).containsExactly(7);
    assertThat(Parity.floats(parameter)).containsExactly(1, 2, 3);
    assertThat(Parity.floats(average)).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
  void the_gradient_of_an_embedding(DType dtype) {
    int rows = 40;
    int padding = 3;
    for (int columns : new int[] {8, 33, 768}) {
      long[] ids = IntStream.range(0, 200).mapToLong(i -> i * 37L % 23).toArray();
      Tensor g = Parity.random(dtype, ids.length, columns);
      Tensor[] sorted = Indexing.sort(onGpu(Tensor.of(ids, ids.length)));
      Tensor a = onGpu(Tensor.zeros(DType.FLOAT32, columns, rows));
      new EmbeddingKernel(TestGpu.kernels())
          .gradient(
              stream(),
              Views.t(a),
              onGpu(g),
              new EmbeddingKernel.Order(sorted[0], sorted[1]),
              padding);
      Tensor expected =
          NeuralOps.embeddingBackward(
              Ops.to(g, DType.FLOAT32), Tensor.of(ids, ids.length), rows, padding);
      Parity.close(Ops.contiguous(Views.t(Ops.to(a, Device.CPU))), expected, 1e-5);
    }
  }
}
