package dev.jlora.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.backend.Backend;
import dev.jlora.backend.DeviceSupport;
import dev.jlora.backend.TestBackends;
import dev.jlora.cuda.CudaException;
import dev.jlora.cuda.Gpus;
import dev.jlora.natives.NativeLoadException;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Torch;
import org.junit.jupiter.api.Test;

/** What the rest of jlora sees of this module. */
class CudaSupportTest {
  private static final DeviceSupport SUPPORT = DeviceSupport.of(Device.Kind.CUDA);

  @Test
  void it_is_found_on_the_class_path() {
    assertThat(SUPPORT).isInstanceOf(CudaSupport.class);
  }

  @Test
  void it_tells_what_the_driver_tells() {
    assertThat(SUPPORT.report()).isEqualTo(Gpus.look(Torch.cudaBuild()).lines());
    assertThat(SUPPORT.obstacle()).isEqualTo(Gpus.look(Torch.cudaBuild()).obstacle());
  }

  @Test
  void a_machine_without_cuda_has_the_fallback_and_captures_nothing() {
    assumeTrue(Torch.cudaDevices() == 0, "this machine has a GPU");

    assertThat(SUPPORT.obstacle()).isPresent();
    assertThat(SUPPORT.report()).isNotEmpty();
    assertThat(Backend.of(Device.cuda(0))).isEqualTo(TestBackends.composed());
    assertThatThrownBy(() -> SUPPORT.captureStream(Device.cuda(0)))
        .isInstanceOfAny(NativeLoadException.class, CudaException.class)
        .hasMessageContaining("What to do:");
  }
}
