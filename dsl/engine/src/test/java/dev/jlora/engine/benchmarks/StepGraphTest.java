package dev.jlora.engine.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jlora.autograd.RandomStream;
import dev.jlora.engine.steps.ClosureCaptureStream;
import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureException;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A step is run, captured and replayed; an operation that cannot be captured is reported, not
 * thrown.
 */
class StepGraphTest {
  private final ClosureCaptureStream captures = new ClosureCaptureStream(List::of);
  private int steps;
  private int waits;

  private StepGraph measured() {
    try (var _ = Scope.open()) {
      Tensor position = Tensor.zeros(DType.INT64, 1);
      return StepGraph.measure(
          captures, () -> steps++, new RandomStream(1), position, () -> waits++, 3);
    }
  }

  @Test
  void a_recorded_step_is_timed_after_warm_up() {
    StepGraph graph = measured();

    assertThat(graph.obstacle()).isNull();
    assertThat(graph.seconds()).isPositive();
    assertThat(captures.reruns).isEqualTo(5);
    assertThat(steps).isEqualTo(2 + 1 + 5);
    assertThat(waits).isEqualTo(10);
    assertThat(captures.closedCaptures).isEqualTo(1);
  }

  @Test
  void what_cannot_be_recorded_is_told() {
    try (var _ = Capture.begin(null)) {
      captures.refusal =
          catchThrowableOfType(
              CaptureException.class, () -> Capture.reject("a copy from cpu to cuda:0"));
    }

    StepGraph graph = measured();
    assertThat(graph.obstacle()).isEqualTo("a copy from cpu to cuda:0 cannot be captured");
    assertThat(graph.kernels()).isZero();
    DeviceUtilization work = DeviceUtilization.of(0.5, 0.4, 1_000, 4_000, graph);
    assertThat(work.utilisation()).isEqualTo(0.5);
    assertThat(work.launchGap()).isZero();
    assertThat(work.text()).contains("50.0 %", "not counted: a copy from cpu");
  }

  @Test
  void the_gaps_are_what_a_step_takes_beyond_its_recording() {
    DeviceUtilization work =
        DeviceUtilization.of(0.5, 0.4, 1_000, 4_000, new StepGraph(1500, 0.3, null));

    assertThat(work.launchGap()).isEqualTo(0.2);
    assertThat(work.text()).contains("1500 kernels, queued in 400.0 ms", "200.0 ms are gaps");
  }
}
