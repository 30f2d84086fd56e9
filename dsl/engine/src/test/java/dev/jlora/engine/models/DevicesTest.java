package dev.jlora.engine.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.backend.DeviceSupport.Obstacle;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a job says becomes a device of this machine, or an error that says what to do. */
class DevicesTest {
  private static final Devices.Facts CPU_BUILD = facts(false, 0, null);
  private static final Devices.Facts NO_GPU =
      facts(true, 0, new Obstacle("This machine has no NVIDIA driver.", "install it."));
  private static final Devices.Facts TWO = facts(true, 2, null);

  private static Devices.Facts facts(boolean cudaBuild, int gpus, Obstacle obstacle) {
    return new Devices.Facts(cudaBuild, gpus, "/opt/libtorch", () -> Optional.ofNullable(obstacle));
  }

  @Test
  void auto_is_the_first_gpu_or_else_the_cpu() {
    assertThat(Devices.of("auto", TWO)).isEqualTo(Device.cuda(0));
    assertThat(Devices.of("auto", NO_GPU)).isEqualTo(Device.CPU);
    assertThat(Devices.of("auto", CPU_BUILD)).isEqualTo(Device.CPU);
  }

  @Test
  void a_device_that_is_there_is_taken() {
    assertThat(Devices.of("cpu", TWO)).isEqualTo(Device.CPU);
    assertThat(Devices.of("cuda", TWO)).isEqualTo(Device.cuda(0));
    assertThat(Devices.of("cuda:1", TWO)).isEqualTo(Device.cuda(1));
  }

  @Test
  void a_libtorch_without_cuda_is_named() {
    assertThatThrownBy(() -> Devices.of("cuda", CPU_BUILD))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("the libtorch in /opt/libtorch was built without CUDA")
        .hasMessageContaining("JLORA_LIBTORCH");
  }

  @Test
  void a_machine_without_a_gpu_says_what_the_driver_says() {
    assertThatThrownBy(() -> Devices.of("cuda", NO_GPU))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("libtorch sees no GPU. This machine has no NVIDIA driver.")
        .hasMessageContaining("What to do: install it; or choose cpu.");
    assertThatThrownBy(() -> Devices.of("cuda", facts(true, 0, null)))
        .hasMessageContaining("The driver does, and does not say why.")
        .hasMessageContaining("nvidia-smi");
  }

  @Test
  void an_index_that_does_not_exist_names_those_that_do() {
    assertThatThrownBy(() -> Devices.of("cuda:2", TWO))
        .hasMessageContaining("got cuda:2, but there are only cuda:0, cuda:1");
  }

  @Test
  void another_word_is_no_device() {
    assertThatThrownBy(() -> Devices.of("gpu", TWO)).hasMessageContaining("got 'gpu'");
  }
}
