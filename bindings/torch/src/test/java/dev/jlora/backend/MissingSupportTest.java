package dev.jlora.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A program without jlora-cuda, which these tests do not depend on: every answer names it. */
class MissingSupportTest {
  private static final Device GPU = Device.cuda(0);

  private final List<String> said = new ArrayList<>();
  private final DeviceSupport missing = new MissingSupport(Device.Kind.CUDA, said::add);

  @Test
  void it_stands_for_a_library_that_is_not_on_the_class_path() {
    assertThat(DeviceSupport.of(Device.Kind.CUDA))
        .isEqualTo(new MissingSupport(Device.Kind.CUDA, MissingSupport.ERR));
  }

  @Test
  void a_gpu_runs_on_libtorchs_operators_and_a_line_says_why() {
    assertThat(missing.backend(GPU, Backend.COMPOSED)).isSameAs(Backend.COMPOSED);
    assertThat(said)
        .containsExactly(
            "cuda:0 runs on libtorch's operators instead of jlora's kernels: the library jlora-cuda"
                + " is not on the class path");
  }

  @Test
  void nothing_is_captured() {
    assertThatThrownBy(() -> missing.captureStream(GPU))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining(
            "cuda:0 cannot capture work: the library jlora-cuda is not on the class path.")
        .hasMessageContaining("What to do: add dev.jlora:jlora-cuda to the class path, in the");
  }

  @Test
  void the_driver_is_not_asked() {
    assertThat(missing.report())
        .containsExactly("unknown: the library jlora-cuda is not on the class path");
    assertThat(missing.obstacle())
        .hasValue(
            new DeviceSupport.Obstacle(
                "The reason is unknown: the library jlora-cuda is not on the class path.",
                "add dev.jlora:jlora-cuda to the class path, in the version of jlora-bindings"));
  }

  @Test
  void the_cpu_and_meta_have_what_runs_everywhere() {
    assertThat(Backend.of(Device.CPU)).isSameAs(Backend.COMPOSED);
    assertThat(Backend.of(Device.META)).isSameAs(Backend.COMPOSED);
  }
}
