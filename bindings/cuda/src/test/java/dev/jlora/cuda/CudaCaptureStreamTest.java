package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureException;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recording on a stream aside, against a driver that remembers what it was asked. */
@ExtendWith(ScopedTensors.class)
class CudaCaptureStreamTest {
  private static final Stream STREAM = new Stream(3);

  private final List<String> order = new ArrayList<>();
  private final AtomicLong buffer = new AtomicLong(77);
  private final FakeLibrary driver =
      FakeDriver.of(13000, 1)
          .on("cuPointerGetAttribute", this::attribute)
          .on("cuStreamBeginCapture_v2", arguments -> 0)
          .on("cuStreamEndCapture", arguments -> FakeDriver.answerLong(arguments[1], 31))
          .on("cuGraphGetNodes", arguments -> FakeDriver.answerLong(arguments[2], 5))
          .on("cuGraphInstantiateWithFlags", arguments -> FakeDriver.answerLong(arguments[0], 32))
          .on("cuGraphLaunch", arguments -> (long) arguments[1] == 3 ? 0 : 400)
          .on("cuGraphExecDestroy", arguments -> 0);

  private final CudaCaptureStream captures =
      new CudaCaptureStream(
          FakeDriver.cuda(driver),
          STREAM,
          work -> {
            order.add("aside");
            work.run();
            order.add("back");
          },
          () -> 4096,
          List.of());

  private int attribute(Object... arguments) {
    long number = buffer.get();
    boolean known = (int) arguments[1] == 7 && (long) arguments[2] == 4096 && number != 0;
    return known ? FakeDriver.answerLong(arguments[0], number) : 1;
  }

  @Test
  void work_is_recorded_aside_and_launched_on_that_stream() {
    try (CaptureStream.Captured recorded =
        captures.capture(() -> order.add(Capture.active() ? "recorded" : "run"), null)) {
      assertThat(Capture.active()).isFalse();
      captures.aside(recorded::run);
      assertThat(recorded.nodes()).hasValue(5);
    }

    assertThat(order).containsExactly("aside", "recorded", "back", "aside", "back");
    assertThat(driver.calls()).containsOnlyOnce("cuGraphLaunch").endsWith("cuGraphExecDestroy");
  }

  @Test
  void what_cannot_be_recorded_is_refused_and_leaves_no_recording_behind() {
    Tensor there = Tensor.empty(DType.FLOAT32, Device.META, 1);
    Map<String, Runnable> refused =
        Map.of(
            "a draw from libtorch's generator cannot be captured", () -> Torch.seedDevices(1),
            "a copy from cpu to meta cannot be", () -> there.copyFrom(Tensor.zeros(DType.FLOAT32)),
            "a capture is active on this thread", () -> Capture.begin(null));

    refused.forEach(
        (reason, work) ->
            assertThatThrownBy(() -> captures.capture(work, null)).hasMessageContaining(reason));
    assertThat(Capture.active()).isFalse();
    assertThat(driver.calls()).filteredOn("cuStreamEndCapture"::equals).hasSize(3);
  }

  @Test
  void a_draw_of_ours_needs_a_place_to_count_from() {
    assertThatThrownBy(() -> captures.capture(() -> Capture.reject("this"), null))
        .isInstanceOf(CaptureException.class)
        .hasMessage("this cannot be captured");
    Tensor position = Tensor.zeros(DType.INT64, 1);
    captures.capture(
        () -> assertThat(Capture.origin().offset()).isEqualTo(8192),
        new Capture.Origin(position, 8192));
    assertThat(Capture.origin()).isNull();
  }

  @Test
  void memory_that_went_back_to_the_driver_is_noticed_once() {
    assertThat(captures.intact()).isTrue();
    buffer.set(78);
    assertThat(captures.intact()).isFalse();
    assertThat(captures.intact()).isTrue();
    buffer.set(0);
    assertThat(captures.intact()).isFalse();
  }

  @Test
  void an_allocator_with_other_ways_is_refused() {
    assertThatThrownBy(
            () ->
                CudaCaptureStream.requirePlainAllocator(
                    name -> name.startsWith("PYTORCH_CUDA") ? "backend:cudaMallocAsync" : null))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("got PYTORCH_CUDA_ALLOC_CONF=backend:cudaMallocAsync")
        .hasMessageContaining("unset the variable");
    assertThatCode(() -> CudaCaptureStream.requirePlainAllocator(name -> null))
        .doesNotThrowAnyException();
  }
}
