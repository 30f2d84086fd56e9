package dev.jlora.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.backend.Backend;
import dev.jlora.backend.TestBackends;
import dev.jlora.cuda.FakeDriver;
import dev.jlora.cuda.FakeLibrary;
import dev.jlora.cuda.Stream;
import dev.jlora.cuda.TestGpu;
import dev.jlora.cuda.blas.InterpretedPlans;
import dev.jlora.ffi.cuda.Nvrtc;
import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureException;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.MetaOperators;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.ScopedTensors;
import java.nio.file.Path;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attention with dropout while work is recorded: tensors without memory, and jlora's kernels over a
 * driver that runs nothing.
 */
@ExtendWith(ScopedTensors.class)
class CapturableAttentionTest {
  private static final long SEED = 3;

  @TempDir Path cache;

  private Backend before;
  private int masks;
  private int told;

  @BeforeEach
  void putKernels() {
    MetaOperators.install();
    FakeLibrary driver =
        FakeDriver.of(13000, 1)
            .on(
                "cuLaunchKernel",
                arguments -> {
                  masks++;
                  return 0;
                });
    FakeLibrary compiler =
        new FakeLibrary(Nvrtc.declarations())
            .on("nvrtcGetCUBINSize", arguments -> FakeDriver.answerLong(arguments[1], 16));
    before = Backend.of(Device.META);
    TestBackends.set(
        Device.META,
        new CudaBackend(TestBackends.composed(), _ -> {})
            .choose(
                Device.META,
                EnumSet.of(Family.DROPOUT),
                () ->
                    new GpuQueue(
                        TestGpu.without(driver, compiler, cache, Device.META), () -> new Stream(0)),
                InterpretedPlans::new));
  }

  @AfterEach
  void takeThemBack() {
    TestBackends.set(Device.META, before);
  }

  private RandomStream capturable() {
    return RandomStream.capturable(SEED, () -> told++);
  }

  /** Forward and backward of causal attention, without looking at a number. */
  private static void attention(DType dtype, double p, @Nullable RandomStream random) {
    Tensor q = Tensor.empty(dtype, Device.META, 2, 3, 16, 8);
    Tensor k = Tensor.empty(dtype, Device.META, 2, 3, 16, 8);
    Tensor v = Tensor.empty(dtype, Device.META, 2, 3, 16, 8);
    try (Tape tape = Tape.recording()) {
      tape.watch(q);
      tape.watch(k);
      tape.watch(v);
      Tensor y = Functions.attention(tape, q, k, v, null, true, 0.5, p, random);
      assertThat(y.shape()).containsExactly(2, 3, 16, 8);
      Tensor g = Tensor.empty(dtype, Device.META, y.shape());
      try (Gradients gradients = tape.backward(y, g)) {
        assertThat(gradients.of(q).shape()).isEqualTo(q.shape());
      }
    }
  }

  private static void recorded(Runnable work) {
    Tensor position = Tensor.zeros(DType.INT64, 1);
    try (var _ = Capture.begin(new Capture.Origin(position, 0))) {
      work.run();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BFLOAT16", "FLOAT32"})
  void its_dropout_is_jloras_own_in_both_directions(DType dtype) {
    RandomStream random = capturable();
    recorded(() -> attention(dtype, 0.1, random));

    assertThat(masks).isEqualTo(3);
    assertThat(told).isOne();
    attention(dtype, 0.1, random);
    assertThat(masks).as("not recorded, too").isEqualTo(6);
    assertThat(told).as("said once").isOne();
  }

  @Test
  void without_dropout_the_fused_kernel_stays() {
    recorded(() -> attention(DType.BFLOAT16, 0, capturable()));

    assertThat(masks).isZero();
    assertThat(told).isZero();
  }

  @Test
  void another_stream_lends_its_masks_to_libtorch_and_cannot_be_recorded() {
    RandomStream plain = new RandomStream(SEED);
    assertThatCode(() -> attention(DType.BFLOAT16, 0.1, plain)).doesNotThrowAnyException();
    assertThat(masks).isZero();
    assertThatThrownBy(() -> recorded(() -> attention(DType.BFLOAT16, 0.1, plain)))
        .isInstanceOf(CaptureException.class)
        .hasMessageContaining("a draw from libtorch's generator cannot be captured");
  }

  @Test
  void both_take_the_same_share_of_the_stream() {
    RandomStream plain = new RandomStream(SEED);
    RandomStream own = capturable();
    attention(DType.BFLOAT16, 0.1, plain);
    attention(DType.BFLOAT16, 0.1, own);

    assertThat(own.offset()).isEqualTo(plain.offset()).isPositive();
  }
}
