package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events and graphs, against a driver that remembers what it was asked. */
class StreamWorkTest {
  private static final Stream STREAM = new Stream(3);

  private final FakeLibrary driver =
      FakeDriver.of(13000, 1)
          .on("cuEventCreate", arguments -> FakeDriver.answerLong(arguments[0], 21))
          .on("cuEventRecord", arguments -> 0)
          .on("cuStreamWaitEvent", arguments -> 0)
          .on("cuEventDestroy_v2", arguments -> 0)
          .on("cuStreamBeginCapture_v2", arguments -> 0)
          .on("cuStreamEndCapture", arguments -> FakeDriver.answerLong(arguments[1], 31))
          .on("cuGraphGetNodes", arguments -> FakeDriver.answerLong(arguments[2], 417))
          .on("cuGraphInstantiateWithFlags", arguments -> FakeDriver.answerLong(arguments[0], 32))
          .on("cuGraphLaunch", arguments -> (long) arguments[0] == 32 ? 0 : 400)
          .on("cuGraphDestroy", arguments -> (long) arguments[0] == 31 ? 0 : 400)
          .on("cuGraphExecDestroy", arguments -> (long) arguments[0] == 32 ? 0 : 400);

  private final Cuda cuda = FakeDriver.cuda(driver);

  private List<String> calls() {
    return driver.calls().stream()
        .filter(name -> name.matches("cu(Event|Stream|Graph).*"))
        .toList();
  }

  @Test
  void an_event_marks_waits_and_is_freed_once() {
    driver.on("cuEventQuery", arguments -> 600);
    driver.on(
        "cuEventElapsedTime",
        arguments -> {
          FakeLibrary.out(arguments[0], 4).set(ValueLayout.JAVA_FLOAT, 0, 1.5f);
          return 0;
        });
    Cuda now = FakeDriver.cuda(driver);
    try (Event event = Event.timing(now)) {
      event.record(STREAM);
      event.holdBack(new Stream(4));
      assertThat(event.done()).isFalse();
      assertThat(event.millisecondsSince(event)).isEqualTo(1.5);
      event.close();
    }

    assertThat(calls())
        .containsExactly(
            "cuEventCreate",
            "cuEventRecord",
            "cuStreamWaitEvent",
            "cuEventQuery",
            "cuEventElapsedTime",
            "cuEventDestroy_v2");
  }

  @Test
  void a_graph_is_recorded_once_and_launched_often() {
    try (Graph graph = Graph.record(cuda, STREAM, () -> {})) {
      graph.launch(STREAM);
      graph.launch(STREAM);
      assertThat(graph.nodes()).isEqualTo(417);
    }

    assertThat(calls())
        .containsExactly(
            "cuStreamBeginCapture_v2",
            "cuStreamEndCapture",
            "cuGraphGetNodes",
            "cuGraphInstantiateWithFlags",
            "cuGraphDestroy",
            "cuGraphLaunch",
            "cuGraphLaunch",
            "cuGraphExecDestroy");
  }

  @Test
  void a_recording_that_fails_ends_the_capture_and_tells_why() {
    assertThatThrownBy(
            () ->
                Graph.record(
                    cuda,
                    STREAM,
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no");
    assertThat(calls())
        .containsExactly("cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphDestroy");
  }

  @Test
  void work_that_cannot_be_recorded_is_told_with_the_way_out() {
    driver.failing("cuStreamEndCapture", 901);
    Cuda now = FakeDriver.cuda(driver);

    assertThatThrownBy(() -> Graph.record(now, STREAM, () -> {}))
        .hasMessageContaining("CUDA_ERROR_STREAM_CAPTURE_INVALIDATED (901)")
        .hasMessageContaining("What to do: run without graphs");
  }
}
