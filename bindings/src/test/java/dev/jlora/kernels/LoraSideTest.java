package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.ffi.LibBlas;
import dev.jlora.ops.Ops;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Holds the kernel against the operators it replaces, which the gradient checks are about. */
@ExtendWith(ScopedTensors.class)
class LoraSideTest {
  private static final double FACTOR = 0.7;

  /** Activations and adapters of one case. */
  private record Case(Tensor x, Tensor base, Tensor g, Tensor dxBase, Tensor a, Tensor b) {
    static Case of(DType dtype, long n, long in, long out, long rank) {
      return new Case(
          random(dtype, n, in),
          random(dtype, n, out),
          random(dtype, n, out),
          random(dtype, n, in),
          random(DType.FLOAT32, rank, in),
          random(DType.FLOAT32, out, rank));
    }

    private static Tensor random(DType dtype, long... shape) {
      return Ops.to(RandomOps.randn(DType.FLOAT32, shape), dtype);
    }
  }

  /** y, dx, dA, dB of a side, in the chunks it asks for, or in one. */
  private static List<float[]> results(LoraSide side, Case it) {
    long n = it.x().size(0);
    Tensor y = Tensor.emptyLike(it.base());
    Tensor dx = Tensor.emptyLike(it.x());
    Tensor middle = side.middle(n);
    LoraSide.Backward backward = side.backward(true, true);
    long size = Math.min(n, side.chunkRows());
    for (long from = 0; from < n; from += size) {
      long to = Math.min(n, from + size);
      Tensor thin = Views.slice(middle, 0, from, to);
      Tensor x = Views.slice(it.x(), 0, from, to);
      side.forward(from, x, rows(it.base(), from, to), rows(y, from, to), thin);
      backward.chunk(
          from, rows(it.g(), from, to), x, thin, rows(it.dxBase(), from, to), rows(dx, from, to));
    }
    LoraSide.Gradients gradients = backward.gradients();
    List<float[]> all = new ArrayList<>();
    for (Tensor tensor : List.of(y, dx, gradients.a(), gradients.b())) {
      all.add(tensor.toFloats());
    }
    return all;
  }

  private static Tensor rows(Tensor tensor, long from, long to) {
    return Views.slice(tensor, 0, from, to);
  }

  private static void agree(
      DType dtype, long n, long in, long out, long rank, @Nullable DropMask mask) {
    Case it = Case.of(dtype, n, in, out, rank);
    LoraSide kernel = LoraKernel.of(dtype, Device.CPU, it.a(), it.b(), mask, FACTOR);
    assertThat(kernel).as("a kernel for %s, %d to %d", dtype, in, out).isNotNull();
    LoraSide products = new LoraProducts(dtype, it.a(), it.b(), mask, FACTOR);
    List<float[]> found = results(kernel, it);
    List<float[]> expected = results(products, it);
    double tolerance = dtype == DType.FLOAT32 ? 1e-5 : 1.5e-2;
    for (int i = 0; i < found.size(); i++) {
      assertThat(relativeError(found.get(i), expected.get(i)))
          .as(
              "%s of [%d, %d] to %d, rank %d",
              List.of("y", "dx", "dA", "dB").get(i), n, in, out, rank)
          .isLessThan(tolerance);
    }
  }

  private static double relativeError(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < found.length; i++) {
      error += Math.pow((double) found[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / norm);
  }

  @Test
  void the_maven_build_of_libtorch_shows_its_blas() {
    assertThat(LibBlas.hasSgemm()).isTrue();
  }

  @Property(tries = 40)
  @Label("kernel and operators agree on all results, whatever the sizes")
  void kernel_and_operators_agree(
      @ForAll @IntRange(min = 1, max = 1200) int n,
      @ForAll @IntRange(min = 1, max = 12) int in,
      @ForAll @IntRange(min = 1, max = 40) int out,
      @ForAll @IntRange(min = 1, max = 9) int rank,
      @ForAll @IntRange(max = 2) int drop,
      @ForAll boolean wide) {
    try (var _ = Scope.open()) {
      DropMask mask = drop == 0 ? null : new DropMask(n, 3L * Threefry.TILE, drop * 20_000);
      agree(wide ? DType.FLOAT32 : DType.BFLOAT16, n, 64L * in, 2L * out, rank, mask);
    }
  }

  @Test
  void sizes_of_a_real_model_agree() {
    agree(DType.FLOAT32, 1100, 768, 3072, 8, new DropMask(1, 0, 58_982));
    agree(DType.BFLOAT16, 1100, 3072, 768, 8, new DropMask(1, 0, 58_982));
  }

  @Test
  void one_thread_gives_the_bits_of_two() {
    Case it = Case.of(DType.FLOAT32, 300, 768, 128, 4);
    DropMask mask = new DropMask(5, Threefry.TILE, 60_000);
    int threads = Torch.threads();
    try {
      Torch.threads(1);
      List<float[]> one =
          results(LoraSide.of(DType.FLOAT32, Device.CPU, it.a(), it.b(), mask, 1), it);
      Torch.threads(2);
      List<float[]> two =
          results(LoraSide.of(DType.FLOAT32, Device.CPU, it.a(), it.b(), mask, 1), it);

      assertThat(one.get(0)).containsExactly(two.get(0));
      assertThat(one.get(1)).containsExactly(two.get(1));
      assertThat(relativeError(one.get(2), two.get(2))).isLessThan(1e-6);
      assertThat(relativeError(one.get(3), two.get(3))).isLessThan(1e-6);
    } finally {
      Torch.threads(threads);
    }
  }

  @Test
  void a_mask_of_nothing_leaves_the_base() {
    Case it = Case.of(DType.FLOAT32, 40, 64, 6, 2);
    List<float[]> found =
        results(
            LoraSide.of(DType.FLOAT32, Device.CPU, it.a(), it.b(), new DropMask(1, 0, 0), 1), it);

    assertThat(found.get(0)).containsExactly(it.base().toFloats());
    assertThat(found.get(1)).containsExactly(it.dxBase().toFloats());
    assertThat(found.get(2)).containsOnly(0);
  }

  @Test
  void what_the_kernel_cannot_do_is_done_by_operators() {
    Case odd = Case.of(DType.BFLOAT16, 8, 7, 4, 2);
    Case wide = Case.of(DType.FLOAT64, 8, 8, 4, 2);

    assertThat(LoraSide.of(DType.BFLOAT16, Device.CPU, odd.a(), odd.b(), null, 1))
        .isInstanceOf(LoraProducts.class);
    assertThat(LoraSide.of(DType.FLOAT64, Device.CPU, wide.a(), wide.b(), null, 1))
        .isInstanceOf(LoraProducts.class);
  }
}
