package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.jlora.ffi.cuda.CudaRuntime;
import dev.jlora.natives.CudaLibraries;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a machine has, and why it has nothing to use, against drivers that are written in Java. */
class GpusTest {
  private static Optional<CudaRuntime> runtime(int version) {
    return Optional.of(
        new CudaRuntime(
            new FakeLibrary(CudaRuntime.declarations())
                .on(
                    "cudaRuntimeGetVersion",
                    arguments -> FakeDriver.answer(arguments[0], version))));
  }

  private static Gpus look(FakeLibrary driver, Optional<CudaRuntime> runtime) {
    return Gpus.look(() -> FakeDriver.cuda(driver), runtime);
  }

  private static Cuda withoutDriver() {
    CudaLibraries.driver();
    return abort("this machine has a driver");
  }

  private static String problem(Gpus gpus) {
    return gpus.obstacle().orElseThrow().problem();
  }

  @Test
  void gpus_are_listed_with_what_is_free() {
    FakeLibrary driver =
        FakeDriver.of(13020, 2)
            .on(
                "cuMemGetInfo_v2",
                arguments -> {
                  FakeDriver.answerLong(arguments[1], 139L << 30);
                  return FakeDriver.answerLong(arguments[0], 100L << 30);
                });
    Gpus gpus = look(driver, runtime(13000));

    assertThat(gpus.obstacle()).isEmpty();
    assertThat(gpus.driver()).hasValue("13.2");
    assertThat(gpus.toolkit()).hasValue("13.0");
    assertThat(gpus.gpus()).extracting(Gpu::index).isEqualTo(List.of(0, 1));
    assertThat(driver.calls()).doesNotContain("cuDevicePrimaryCtxRetain");
    assertThat(gpus.lines())
        .containsExactly(
            "cuda:0 NVIDIA H200, compute capability 9.0, 100.0 GiB free of 139.0 GiB",
            "cuda:1 NVIDIA H200, compute capability 9.0, 100.0 GiB free of 139.0 GiB",
            "the driver supports CUDA 13.2, libtorch is built for CUDA 13.0");
  }

  @Test
  void a_gpu_that_another_process_has_tells_nothing_of_its_memory() {
    Gpus gpus =
        look(FakeDriver.of(13000, 1).failing("cuDevicePrimaryCtxRetain", 46), runtime(13000));

    assertThat(gpus.lines())
        .startsWith("cuda:0 NVIDIA H200, compute capability 9.0, in use elsewhere, 139.0 GiB");
  }

  @Test
  void no_driver_is_not_an_old_driver() {
    Gpus none = Gpus.look(GpusTest::withoutDriver, runtime(13000));
    Gpus old = look(FakeDriver.of(12080, 1), runtime(13000));

    assertThat(problem(none)).contains("has no NVIDIA driver: libcuda.so.1 cannot be loaded");
    assertThat(none.lines()).hasSize(1).allMatch(line -> line.startsWith("none: This machine"));
    assertThat(problem(old))
        .contains("too old: it supports CUDA 12.8, and libtorch was built for CUDA 13.0");
    assertThat(old.driver()).hasValue("12.8");
    assertThat(old.obstacle().orElseThrow().remedy()).contains("update the NVIDIA driver");
  }

  @Test
  void a_libtorch_without_cuda_is_named_where_there_are_gpus() {
    Gpus gpus = look(FakeDriver.of(13000, 1), Optional.empty());

    assertThat(problem(gpus)).isEqualTo("This libtorch was built without CUDA.");
    assertThat(gpus.lines())
        .containsExactly(
            "cuda:0 NVIDIA H200, compute capability 9.0, 139.0 GiB",
            "none of these can be used: This libtorch was built without CUDA.",
            "the driver supports CUDA 13.0");
    assertThat(gpus.obstacle().orElseThrow().remedy()).contains("JLORA_LIBTORCH");
  }

  @Test
  void a_driver_without_gpus_says_where_to_look() {
    assertThat(problem(look(FakeDriver.of(13000, 0), runtime(13000))))
        .isEqualTo("The NVIDIA driver sees no GPU.");
  }

  @ParameterizedTest
  @CsvSource({"34, stub", "100, sees no GPU", "803, different versions"})
  void a_driver_that_does_not_start_says_why(int code, String reason) {
    Gpus gpus = look(FakeDriver.of(13000, 1).failing("cuInit", code), runtime(13000));

    assertThat(problem(gpus)).contains("cuInit").contains(reason);
    assertThat(gpus.gpus()).isEmpty();
  }
}
