package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.backend.DeviceSupport;
import dev.jlora.tensor.Device;
import org.junit.jupiter.api.Test;

/** The command line has the library for GPUs, which nothing here is compiled against. */
class DeviceLibraryTest {
  @Test
  void the_support_for_gpus_is_found() {
    DeviceSupport support = DeviceSupport.of(Device.Kind.CUDA);

    assertThat(support.getClass().getName()).isEqualTo("dev.jlora.cuda.backend.CudaSupport");
    assertThat(support.report()).isNotEmpty().noneMatch(line -> line.contains("jlora-cuda"));
  }
}
