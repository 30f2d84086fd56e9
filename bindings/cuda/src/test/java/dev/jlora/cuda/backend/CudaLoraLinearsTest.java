package dev.jlora.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.backend.LoraLinears;
import dev.jlora.backend.TestBackends;
import dev.jlora.cuda.CudaException;
import dev.jlora.cuda.blas.InterpretedPlans;
import dev.jlora.cuda.blas.PlanRunner;
import dev.jlora.ffi.cuda.Library;
import dev.jlora.kernels.DropMask;
import dev.jlora.ops.Ops;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapted layers by plans, interpreted, against those of libtorch's operators. */
@ExtendWith(ScopedTensors.class)
class CudaLoraLinearsTest {
  private static final int ROWS = 11;
  private static final int IN = 24;
  private static final int OUT = 16;
  private static final int RANK = 4;

  private final LoraLinears composed = TestBackends.composed().lora();
  private final LoraLinears planned =
      new CudaLoraLinears(new InterpretedPlans(), TestBackends.composed().masking(), composed);

  private static Tensor random(DType dtype, long... shape) {
    return Ops.to(RandomOps.randn(DType.FLOAT32, shape), dtype);
  }

  private static void close(Tensor got, Tensor expected, double tolerance) {
    assertThat(got.shape()).isEqualTo(expected.shape());
    float[] a = Ops.to(got, DType.FLOAT32).toFloats();
    float[] b = Ops.to(expected, DType.FLOAT32).toFloats();
    for (int i = 0; i < a.length; i++) {
      assertThat((double) a[i])
          .isCloseTo(b[i], org.assertj.core.data.Offset.offset(tolerance * (1 + Math.abs(b[i]))));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 0, true, false",
    "FLOAT32, 0.3, true, true",
    "FLOAT32, 0.3, false, false",
    "BFLOAT16, 0.3, true, false",
    "BFLOAT16, 0, false, true"
  })
  void both_directions(DType dtype, double p, boolean bias, boolean transposed) {
    double tolerance = dtype == DType.FLOAT32 ? 2e-5 : 0.06;
    Tensor x = random(dtype, ROWS, IN);
    Tensor weight = transposed ? random(dtype, IN, OUT) : random(dtype, OUT, IN);
    var frozen = new LoraLinears.Frozen(weight, bias ? random(dtype, OUT) : null, transposed);
    DropMask mask = p == 0 ? null : DropMask.of(5, 8192, p);
    Tensor a = random(DType.FLOAT32, RANK, IN);
    Tensor b = random(DType.FLOAT32, OUT, RANK);
    var adapter = new LoraLinears.Adapter(a, b, 0.5, mask);

    LoraLinears.Output expected = composed.forward(x, frozen, adapter);
    LoraLinears.Output got = planned.forward(x, frozen, adapter);
    close(got.y(), expected.y(), tolerance);
    assertThat(got.y().dtype()).isEqualTo(dtype);

    Tensor g = Views.t(random(dtype, OUT, ROWS)); // with gaps
    var saved = new LoraLinears.Adapter(got.a(), got.b(), 0.5, mask);
    LoraLinears.Gradients wanted =
        composed.backward(g, x, weight, transposed, adapter, expected.middle());
    LoraLinears.Gradients found = planned.backward(g, x, weight, transposed, saved, got.middle());
    close(found.x(), wanted.x(), tolerance);
    close(found.a(), wanted.a(), tolerance);
    close(found.b(), wanted.b(), tolerance);
    assertThat(found.a().dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void only_what_is_asked_for_is_computed() {
    List<Integer> steps = new ArrayList<>();
    PlanRunner counting =
        (plan, buffers, dtype) -> {
          steps.add(plan.size());
          new InterpretedPlans().run(plan, buffers, dtype);
        };
    LoraLinears linears =
        new CudaLoraLinears(counting, TestBackends.composed().masking(), composed);
    Tensor x = random(DType.FLOAT32, ROWS, IN);
    Tensor weight = random(DType.FLOAT32, OUT, IN);
    var adapter =
        new LoraLinears.Adapter(
            random(DType.FLOAT32, RANK, IN), random(DType.FLOAT32, OUT, RANK), 2, null);
    LoraLinears.Output output =
        linears.forward(x, new LoraLinears.Frozen(weight, null, false), adapter);
    Tensor g = random(DType.FLOAT32, ROWS, OUT);

    LoraLinears.Gradients first = linears.backward(g, x, null, false, adapter, output.middle());
    assertThat(first.x()).isNull();
    LoraLinears.Gradients frozen = linears.backward(g, null, weight, false, adapter, null);
    assertThat(frozen.a()).isNull();
    assertThat(frozen.b()).isNull();
    close(frozen.x(), composed.backward(g, null, weight, false, adapter, null).x(), 2e-5);
    assertThat(steps).containsExactly(3, 3, 3);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, false", "FLOAT32, true", "BFLOAT16, false", "BFLOAT16, true"})
  void merging(DType dtype, boolean transposed) {
    Tensor weight = transposed ? random(dtype, IN, OUT) : random(dtype, OUT, IN);
    float[] before = Ops.to(weight, DType.FLOAT32).toFloats();
    Tensor a = random(DType.FLOAT32, RANK, IN);
    Tensor b = random(DType.FLOAT32, OUT, RANK);
    Tensor merged = planned.merged(weight, transposed, a, b, 0.25);

    assertThat(merged.dtype()).isEqualTo(DType.FLOAT32);
    close(merged, composed.merged(weight, transposed, a, b, 0.25), 2e-6);
    assertThat(Ops.to(weight, DType.FLOAT32).toFloats())
        .as("the loaded weight is never written")
        .isEqualTo(before);
  }

  /** cuBLASLt has no way for some sizes; it says so before anything is queued. */
  @Test
  void a_product_that_cublas_does_not_support_is_left_to_libtorch() {
    Tensor x = random(DType.FLOAT32, ROWS, IN);
    var frozen =
        new LoraLinears.Frozen(
            random(DType.FLOAT32, OUT, IN), random(DType.FLOAT32, OUT), /* transposed= */ false);
    var adapter =
        new LoraLinears.Adapter(
            random(DType.FLOAT32, RANK, IN),
            random(DType.FLOAT32, OUT, RANK),
            2,
            DropMask.of(5, 8192, 0.3));

    LoraLinears.Output output = refusing(15).forward(x, frozen, adapter);
    close(output.y(), composed.forward(x, frozen, adapter).y(), 1e-6);
    assertThat(output.middle().shape()).containsExactly(ROWS, RANK);
    assertThatThrownBy(() -> refusing(13).forward(x, frozen, adapter))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("CUBLAS_STATUS_EXECUTION_FAILED");
  }

  private LoraLinears refusing(int code) {
    PlanRunner runner =
        (plan, buffers, dtype) -> CudaException.check(Library.BLASLT, code, () -> "a product");
    return new CudaLoraLinears(runner, TestBackends.composed().masking(), composed);
  }

  @Test
  void what_cublas_does_not_take_goes_to_libtorch() {
    PlanRunner none =
        (plan, buffers, dtype) -> {
          throw new AssertionError("a plan of " + dtype);
        };
    LoraLinears linears = new CudaLoraLinears(none, TestBackends.composed().masking(), composed);
    Tensor weight = random(DType.FLOAT64, OUT, IN);
    var adapter =
        new LoraLinears.Adapter(
            random(DType.FLOAT64, RANK, IN), random(DType.FLOAT64, OUT, RANK), 2, null);
    var frozen = new LoraLinears.Frozen(weight, null, false);

    assertThat(linears.forward(random(DType.FLOAT64, ROWS, IN), frozen, adapter).y().shape())
        .containsExactly(ROWS, OUT);
    assertThat(linears.forward(random(DType.FLOAT64, 0, IN), frozen, adapter).y().shape())
        .containsExactly(0, OUT);
  }
}
