package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.ffi.cuda.CudaRuntime;
import dev.jlora.ffi.cuda.Library;
import dev.jlora.ffi.generator.Generate;
import dev.jlora.natives.NativeLoadException;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The driver and its errors, against drivers that are written in Java. */
class CudaTest {
  private static CudaRuntime runtime(int version) {
    return new CudaRuntime(
        new FakeLibrary(CudaRuntime.declarations())
            .on("cudaRuntimeGetVersion", arguments -> FakeDriver.answer(arguments[0], version)));
  }

  @Test
  void a_gpu_is_described_by_its_driver() {
    Cuda cuda = FakeDriver.over(FakeDriver.of(13000, 2), Optional.of(runtime(13030)));

    assertThat(cuda.version()).isEqualTo("13.0");
    assertThat(cuda.gpu(1)).isEqualTo(new Gpu(1, "NVIDIA H200", 9, 0, 132, 232448, 139L << 30));
    assertThat(cuda.gpu(1).architecture()).isEqualTo("sm_90");
    assertThat(cuda.gpu(1))
        .hasToString("cuda:1 NVIDIA H200 (sm_90, 132 multiprocessors, 139.0 GiB)");
  }

  @Test
  void a_driver_older_than_libtorch_needs_is_refused() {
    assertThatThrownBy(() -> FakeDriver.over(FakeDriver.of(12060, 1), Optional.of(runtime(13000))))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining(
            "too old: it supports CUDA 12.6, and libtorch was built for CUDA 13.0")
        .hasMessageContaining("What to do: update the NVIDIA driver")
        .hasMessageContaining("or use a libtorch that was built for CUDA 12");
  }

  @Test
  void a_driver_newer_than_libtorch_is_taken() {
    assertThat(FakeDriver.over(FakeDriver.of(13000, 1), Optional.of(runtime(12060))).count())
        .isOne();
  }

  @Test
  void a_driver_without_a_gpu_is_told_so() {
    assertThatThrownBy(() -> FakeDriver.cuda(FakeDriver.of(13000, 1).failing("cuInit", 100)))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining(
            "libcuda.so.1, cuInit: CUDA_ERROR_NO_DEVICE (100), the driver sees no")
        .hasMessageContaining("CUDA_VISIBLE_DEVICES");
  }

  @Test
  void an_index_without_a_gpu_names_those_there_are() {
    assertThatThrownBy(() -> FakeDriver.cuda(FakeDriver.of(13000, 2)).gpu(4))
        .hasMessageContaining("got index 4, and this process sees 2 GPUs, cuda:0, cuda:1")
        .hasMessageContaining("What to do: name one of them");
    assertThatThrownBy(() -> FakeDriver.cuda(FakeDriver.of(13000, 0)).gpu(0))
        .hasMessageContaining("this process sees no GPU");
  }

  @Test
  void a_code_that_nobody_knows_is_told_as_a_number() {
    assertThat(CudaException.of(Library.DRIVER, 4711, "cuInit"))
        .hasMessageContaining("cuInit: error (4711), an unknown error code");
  }

  @ParameterizedTest
  @EnumSource(CudaError.class)
  void every_error_says_what_it_means_and_what_to_do(CudaError error) {
    assertThat(error.meaning()).isNotBlank().doesNotEndWith(".");
    assertThat(error.remedy()).isNotBlank().doesNotEndWith(".");
  }

  @Test
  void what_poisons_the_process_says_so() {
    assertThat(CudaError.CUDA_ERROR_ILLEGAL_ADDRESS.poisons()).isTrue();
    assertThat(CudaError.CUDA_ERROR_OUT_OF_MEMORY.poisons()).isFalse();
    assertThat(CudaException.of(Library.DRIVER, 700, "cuCtxSynchronize"))
        .hasMessageContaining("restart from the last checkpoint, which is intact");
  }

  @Test
  void the_driver_and_cublas_without_room_say_so() {
    assertThat(CudaException.of(Library.DRIVER, 2, "a call").outOfMemory()).isTrue();
    assertThat(CudaException.of(Library.BLAS, 3, "a call").outOfMemory()).isTrue();
    assertThat(CudaException.of(Library.BLASLT, 3, "a call").outOfMemory()).isTrue();
    assertThat(CudaException.of(Library.BLAS, 1, "a call").outOfMemory()).isTrue();
    assertThat(CudaException.of(Library.DRIVER, 700, "a call").outOfMemory()).isFalse();
    assertThat(CudaException.of(Library.DRIVER, 4711, "a call").outOfMemory()).isFalse();
  }

  @Test
  void errors_have_the_codes_of_the_header() throws IOException {
    Map<String, Integer> java = new TreeMap<>();
    Arrays.stream(CudaError.values()).forEach(error -> java.put(error.name(), error.code()));

    assertThat(Generate.valuesByHand(Path.of("../.."))).hasSizeGreaterThan(40).isEqualTo(java);
  }

  @Test
  void work_on_a_machine_without_cuda_says_what_is_missing() {
    assumeTrue(Torch.cudaDevices() == 0, "this machine has a GPU");

    assertThatThrownBy(() -> Kernels.of(Device.cuda(0)))
        .isInstanceOfAny(NativeLoadException.class, CudaException.class)
        .hasMessageContaining("What to do:");
    assertThatThrownBy(() -> Kernels.of(Device.CPU))
        .hasMessageContaining("got a tensor on cpu, expected one on cuda:INDEX");
  }
}
