package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.ffi.LibBlas;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import dev.jlora.testing.Processors;
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

  /** Activations, weights and adapters of one case; {@code sum} is what dx is added to. */
  private record Case(
      Tensor x, Tensor weight, Tensor bias, Tensor g, Tensor sum, Tensor a, Tensor b) {
    static Case of(DType dtype, long n, long in, long out, long rank) {
      return new Case(
          random(dtype, n, in),
          random(dtype, out, in),
          random(dtype, out),
          random(dtype, n, out),
          random(dtype, n, in),
          random(DType.FLOAT32, rank, in),
          random(DType.FLOAT32, out, rank));
    }

    private static Tensor random(DType dtype, long... shape) {
      return Ops.to(RandomOps.randn(DType.FLOAT32, shape), dtype);
    }

    /** The same numbers with the weight in the memory order [in, out]. */
    Case withTurnedWeight() {
      Tensor turned = Views.t(Ops.contiguous(Views.t(weight)));
      return new Case(x, turned, bias, g, sum, a, b);
    }
  }

  /** y, dx, dx added to a sum, dA, dB of a side. */
  private static List<float[]> results(LoraSide side, Case it) {
    Tensor middle = side.middle(it.x().size(0));
    Tensor y = side.forward(it.x(), it.weight(), it.bias(), middle);
    LoraSide.Gradients fresh = side.backward(it.g(), it.x(), it.weight(), middle, null);
    Tensor sum = Ops.clone(it.sum());
    LoraSide.Gradients added = side.backward(it.g(), null, it.weight(), null, sum);
    if (added.x() != sum) {
      sum = Ops.add(sum, added.x());
    }
    assertThat(added.a()).isNull();
    assertThat(added.b()).isNull();
    List<float[]> all = new ArrayList<>();
    for (Tensor tensor : List.of(y, fresh.x(), sum, fresh.a(), fresh.b())) {
      all.add(tensor.toFloats());
    }
    return all;
  }

  private static LoraSide kernel(Case it, @Nullable DropMask mask, double factor) {
    LoraSide kernel = LoraKernel.of(it.x(), it.a(), it.b(), mask, factor);
    assertThat(kernel).as("a kernel for %s by %s", it.x(), it.weight()).isNotNull();
    return kernel;
  }

  private static void agree(
      DType dtype, long n, long in, long out, long rank, @Nullable DropMask mask, boolean turned) {
    Case upright = Case.of(dtype, n, in, out, rank);
    Case it = turned ? upright.withTurnedWeight() : upright;
    LoraSide products = new LoraProducts(dtype, it.a(), it.b(), mask, FACTOR);
    List<float[]> found = results(kernel(it, mask, FACTOR), it);
    List<float[]> expected = results(products, it);
    double tolerance = dtype == DType.FLOAT32 ? 1e-5 : 1.5e-2;
    for (int i = 0; i < found.size(); i++) {
      assertThat(relativeError(found.get(i), expected.get(i)))
          .as(
              "%s of [%d, %d] to %d, rank %d",
              List.of("y", "dx", "dx + sum", "dA", "dB").get(i), n, in, out, rank)
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
      @ForAll @IntRange(min = 128, max = 1200) int n,
      @ForAll @IntRange(min = 1, max = 12) int in,
      @ForAll @IntRange(min = 32, max = 140) int out,
      @ForAll @IntRange(min = 1, max = 9) int rank,
      @ForAll @IntRange(max = 2) int drop,
      @ForAll boolean wide,
      @ForAll boolean turned) {
    try (var _ = Scope.open()) {
      DropMask mask = drop == 0 ? null : new DropMask(n, 3L * Threefry.TILE, drop * 20_000);
      DType dtype = wide || !Processors.multiplies(DType.BFLOAT16) ? DType.FLOAT32 : DType.BFLOAT16;
      agree(dtype, n, 64L * in, 2L * out, rank, mask, turned);
    }
  }

  @Test
  void sizes_of_a_real_model_agree() {
    agree(DType.FLOAT32, 1100, 768, 3072, 8, new DropMask(1, 0, 58_982), false);
  }

  @Test
  void sizes_of_a_real_model_agree_in_16_bits() {
    Processors.assumeMultiplies(DType.BFLOAT16);
    agree(DType.BFLOAT16, 1100, 3072, 768, 8, new DropMask(1, 0, 58_982), false);
  }

  @Test
  void one_thread_gives_the_bits_of_two() {
    Case it = Case.of(DType.FLOAT32, 300, 768, 128, 4);
    DropMask mask = new DropMask(5, Threefry.TILE, 60_000);
    int threads = Torch.threads();
    try {
      Torch.threads(1);
      List<float[]> one = results(kernel(it, mask, 1), it);
      Torch.threads(2);
      List<float[]> two = results(kernel(it, mask, 1), it);

      assertThat(one.get(0)).containsExactly(two.get(0));
      assertThat(one.get(1)).containsExactly(two.get(1));
      assertThat(one.get(2)).containsExactly(two.get(2));
      assertThat(relativeError(one.get(3), two.get(3))).isLessThan(1e-6);
      assertThat(relativeError(one.get(4), two.get(4))).isLessThan(1e-6);
    } finally {
      Torch.threads(threads);
    }
  }

  @Test
  void a_mask_of_nothing_leaves_the_frozen_product() {
    Case it = Case.of(DType.FLOAT32, 140, 64, 66, 2);
    List<float[]> found = results(kernel(it, new DropMask(1, 0, 0), 1), it);
    Tensor y = Products.linear(it.x(), it.weight(), it.bias());
    Tensor dx = Products.linear(it.g(), Views.t(it.weight()), null);

    assertThat(relativeError(found.get(0), y.toFloats())).isLessThan(1e-6);
    assertThat(relativeError(found.get(1), dx.toFloats())).isLessThan(1e-6);
    assertThat(found.get(3)).containsOnly(0);
  }

  @Test
  void what_the_kernel_cannot_do_is_done_by_operators() {
    Case few = Case.of(DType.FLOAT32, 8, 64, 64, 2);
    Case odd = Case.of(DType.BFLOAT16, 128, 71, 64, 2);
    Case wide = Case.of(DType.FLOAT64, 128, 64, 64, 2);

    for (Case it : List.of(few, odd, wide)) {
      assertThat(LoraSide.of(it.x(), it.a(), it.b(), null, 1)).isInstanceOf(LoraProducts.class);
    }
  }
}
