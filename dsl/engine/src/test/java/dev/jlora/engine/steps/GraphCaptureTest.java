package dev.jlora.engine.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps are recorded on a GPU that can, where a job wants it, and nowhere else. */
class GraphCaptureTest {
  private static final CaptureStream CAPTURES = new ClosureCaptureStream(List::of);

  @Test
  void auto_records_on_a_gpu_alone() {
    assertThat(GraphCapture.of("auto", Device.cuda(0), _ -> CAPTURES)).isSameAs(CAPTURES);
    assertThat(GraphCapture.of("auto", Device.CPU, _ -> CAPTURES)).isNull();
    assertThat(GraphCapture.of("off", Device.cuda(0), _ -> CAPTURES)).isNull();
  }

  @Test
  void a_gpu_that_cannot_record_runs_steps_as_ever() {
    assertThat(
            GraphCapture.of(
                "auto",
                Device.cuda(0),
                _ -> {
                  throw new DeviceException("the allocator has other ways", "unset the variable");
                }))
        .isNull();
  }
}
