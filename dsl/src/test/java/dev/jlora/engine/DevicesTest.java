package dev.jlora.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import org.junit.jupiter.api.Test;

/** What a job says becomes a device of this machine, or an error that says what to do. */
class DevicesTest {
  private static final Devices.Facts CPU_BUILD = new Devices.Facts(false, 0, "/opt/libtorch");
  private static final Devices.Facts NO_GPU = new Devices.Facts(true, 0, "/opt/libtorch");
  private static final Devices.Facts TWO = new Devices.Facts(true, 2, "/opt/libtorch");

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
  void a_machine_without_a_gpu_says_where_to_look() {
    assertThatThrownBy(() -> Devices.of("cuda", NO_GPU))
        .hasMessageContaining("libtorch sees no GPU")
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
