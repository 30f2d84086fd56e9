package dev.jlora.cuda.kernels;

import static dev.jlora.cuda.TestGpu.onGpu;
import static dev.jlora.cuda.TestGpu.stream;

import dev.jlora.cuda.TestGpu;
import dev.jlora.kernels.DropMask;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Dropout and layer norm on the GPU against the CPU: the same masks, to the bit. */
@Tag("gpu")
@ExtendWith(ScopedTensors.class)
class DropoutParityTest {
  private static final long SEED = 0x1234_5678_9abc_def0L;
  private static final long OFFSET = 5L << 34; // counters beyond 32 bits
  private static final double EPS = 1e-5;

  private static final DropMask CPU_MASK = DropMask.of(SEED, OFFSET, 0.3);
  private static final Mask MASK = new Mask(SEED, OFFSET, CPU_MASK.keep());

  static Stream<Arguments> dropouts() {
    return Stream.of(Parity.DTYPES)
        .flatMap(
            dtype ->
                IntStream.of(1, 7, 255, 1023, 2049, 8191, 8192, 8193, 70_001)
                    .mapToObj(count -> Arguments.of(dtype, count)));
  }

  @ParameterizedTest
  @MethodSource("dropouts")
  void dropout_is_that_of_the_cpu(DType dtype, int count) {
    DropoutKernel kernel = new DropoutKernel(TestGpu.kernels());
    Tensor x = Parity.random(dtype, count);
    Tensor addend = Parity.random(dtype, count);
    Tensor out = Parity.unset(dtype, count);

    kernel.run(stream(), out, onGpu(x), null, MASK, 1);
    Parity.same(out, CPU_MASK.times(x, 1));

    kernel.run(stream(), out, onGpu(x), onGpu(addend), MASK, MASK.scale());
    Tensor sum = CPU_MASK.timesPlus(x, CPU_MASK.scale(), addend);
    if (dtype == DType.FLOAT16) {
      Parity.close(out, sum, 1e-3); // the CPU rounds between its three steps
    } else {
      Parity.same(out, sum);
    }
  }

  /** A view may begin between two elements that a thread would load at once. */
  @ParameterizedTest
  @MethodSource("dropouts")
  void a_view_that_begins_at_an_odd_element(DType dtype, int count) {
    Tensor whole = Parity.random(dtype, count + 1);
    Tensor x = Views.slice(whole, 0, 1, count + 1);
    Tensor there = Views.slice(onGpu(whole), 0, 1, count + 1);
    DropoutKernel kernel = new DropoutKernel(TestGpu.kernels());
    Tensor out = Parity.unset(dtype, count);

    kernel.run(stream(), out, there, null, MASK, 1);
    Parity.same(out, CPU_MASK.times(x, 1));
    kernel.run(stream(), there, there, null, MASK, 1);
    Parity.same(there, CPU_MASK.times(x, 1));
  }

  static Stream<Arguments> norms() {
    int[][] shapes = {{1, 8}, {5, 100}, {37, 768}, {33, 769}, {9, 1030}, {5, 4096}};
    return Stream.of(Parity.DTYPES)
        .flatMap(
            dtype ->
                Stream.of(shapes)
                    .flatMap(
                        shape ->
                            Stream.of(MASK, Mask.NONE)
                                .map(mask -> Arguments.of(dtype, shape[0], shape[1], mask))));
  }

  @ParameterizedTest
  @MethodSource("norms")
  void layer_norm_is_that_of_the_cpu(DType dtype, int rows, int columns, Mask mask) {
    Tensor x = Parity.random(dtype, rows, columns);
    Tensor residual = Parity.random(dtype, rows, columns);
    Tensor weight = Parity.random(DType.FLOAT32, columns);
    Tensor bias = Parity.random(DType.FLOAT32, columns);
    Tensor total = new Cpu(mask).sum(x, residual);
    Tensor[] expected = NeuralOps.layerNorm(total, new long[] {columns}, weight, bias, EPS);

    Tensor y = Parity.unset(dtype, rows, columns);
    Tensor gotTotal = Parity.unset(dtype, rows, columns);
    Tensor mean = Parity.unset(DType.FLOAT32, rows);
    Tensor rstd = Parity.unset(DType.FLOAT32, rows);
    LayerNormKernels kernels = new LayerNormKernels(TestGpu.kernels());
    var parameters = new LayerNormKernels.Parameters(onGpu(weight), onGpu(bias));
    kernels.forward(
        stream(), y, gotTotal, mean, rstd, onGpu(x), onGpu(residual), parameters, EPS, mask);

    if (dtype == DType.FLOAT16) {
      Parity.close(gotTotal, total, 1e-3);
    } else {
      Parity.same(gotTotal, total);
    }
    Parity.close(y, expected[0], dtype == DType.FLOAT16 ? 4e-3 : 2e-5);
    Parity.close(mean, Views.reshape(expected[1], rows), dtype == DType.FLOAT16 ? 1e-3 : 1e-5);
  }

  @ParameterizedTest
  @MethodSource("norms")
  void backward_of_layer_norm_is_that_of_the_cpu(DType dtype, int rows, int columns, Mask mask) {
    Tensor total = Parity.random(dtype, rows, columns);
    Tensor g = Parity.random(dtype, rows, columns);
    Tensor weight = Parity.random(DType.FLOAT32, columns);
    Tensor bias = Parity.random(DType.FLOAT32, columns);
    long[] normal = {columns};
    Tensor[] forward = NeuralOps.layerNorm(total, normal, weight, bias, EPS);
    Tensor[] expected = // in float: the CPU's sums over rows of 16 bits are coarse
        NeuralOps.layerNormBackward(
            Ops.to(g, DType.FLOAT32),
            Ops.to(total, DType.FLOAT32),
            normal,
            forward[1],
            forward[2],
            weight,
            bias,
            new boolean[] {true, true, true});

    LayerNormKernels kernels = new LayerNormKernels(TestGpu.kernels());
    var parameters = new LayerNormKernels.Parameters(onGpu(weight), onGpu(bias));
    Tensor dtotal = Parity.unset(dtype, rows, columns);
    Tensor dx = Parity.unset(dtype, rows, columns);
    Tensor dweight = Parity.unset(DType.FLOAT32, columns);
    Tensor dbias = Parity.unset(dtype, columns);
    Tensor workspace =
        Parity.unset(DType.FLOAT32, 2, kernels.workspaceRows(rows, columns, mask), columns);
    Tensor mean = onGpu(Views.reshape(forward[1], rows));
    Tensor rstd = onGpu(Views.reshape(forward[2], rows));
    kernels.backward(
        stream(),
        dtotal,
        dx,
        dweight,
        dbias,
        workspace,
        onGpu(g),
        onGpu(total),
        mean,
        rstd,
        parameters,
        mask);

    Parity.close(dtotal, Ops.to(expected[0], dtype), 1e-4);
    Parity.close(dweight, expected[1], 1e-3);
    Parity.close(dbias, Ops.to(expected[2], dtype), 1e-3);
    Tensor onlyDx = Parity.unset(dtype, rows, columns);
    kernels.backward(
        stream(),
        null,
        onlyDx,
        null,
        null,
        null,
        onGpu(g),
        onGpu(total),
        mean,
        rstd,
        parameters,
        mask);
    Parity.same(onlyDx, dx);
    if (dtype != DType.FLOAT16) { // there the CPU rounds the mask's factor
      Parity.same(dx, new Cpu(mask).masked(Ops.to(dtotal, total.device())));
    }
  }

  /** What a mask does on the CPU. */
  private record Cpu(Mask mask) {
    Tensor sum(Tensor x, Tensor residual) {
      return mask.keepsAll()
          ? Ops.add(x, residual)
          : CPU_MASK.timesPlus(x, CPU_MASK.scale(), residual);
    }

    Tensor masked(Tensor x) {
      return mask.keepsAll() ? x : CPU_MASK.times(x, CPU_MASK.scale());
    }
  }
}
