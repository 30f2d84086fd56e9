package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.ffi.cuda.Nvrtc;
import dev.jlora.natives.CudaLibraries;
import dev.jlora.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** NVRTC needs no GPU: where it is installed, every kernel is compiled for three generations. */
class KernelCompilerTest {
  private static final List<String> SOURCES =
      List.of(
          "dropout.cu",
          "layer_norm.cu",
          "gelu.cu",
          "columns.cu",
          "cross_entropy.cu",
          "adamw.cu",
          "embedding.cu");

  private static KernelCompiler compiler;

  private static KernelCompiler compiler() {
    assumeTrue(
        CudaLibraries.hasNvrtc(), "NVRTC is not installed; JLORA_CUDA names the folder of one");
    if (compiler == null) {
      compiler = KernelCompiler.load();
    }
    return compiler;
  }

  static Stream<Arguments> builds() {
    return SOURCES.stream()
        .flatMap(
            source ->
                Stream.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)
                    .flatMap(
                        dtype ->
                            Stream.of("sm_80", "sm_90", "sm_100")
                                .map(architecture -> Arguments.of(source, dtype, architecture))));
  }

  @ParameterizedTest
  @MethodSource("builds")
  void every_kernel_compiles(String source, DType dtype, String architecture) {
    KernelBuild build =
        KernelBuild.of(source)
            .elements(dtype)
            .parameters(DType.FLOAT32, dtype)
            .with("COLUMNS", 768)
            .with("VECTOR", 16 / dtype.bytes())
            .with("THREADS", 256)
            .with("ROW_THREADS", 32)
            .with("PARAMETER_GRADIENTS", "");

    assertThat(compiler().compile(build, architecture)).startsWith(0x7f, 'E', 'L', 'F');
  }

  @Test
  void an_error_shows_the_line_of_the_source() {
    String text =
        """
        #include "jlora.cuh"
        extern "C" __global__ void k(float* x) {
          *x = nothing_of_that_name;
        }
        """;
    KernelSource source =
        new KernelSource("wrong.cu", text, KernelSource.named("gelu.cu").header());
    KernelBuild build = new KernelBuild(source, Map.of()).elements(DType.FLOAT32);

    KernelCompiler compiler = compiler();
    assertThatThrownBy(() -> compiler.compile(build, "sm_90"))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("wrong.cu does not compile for sm_90 with {ELEMENT_FLOAT32=} (NVRTC ")
        .hasMessageContaining("line 3 of wrong.cu: *x = nothing_of_that_name;")
        .hasMessageContaining("nothing_of_that_name\" is undefined");
  }

  @Test
  void an_error_in_the_header_shows_its_line() {
    KernelBuild build = KernelBuild.of("gelu.cu");

    KernelCompiler compiler = compiler();
    assertThatThrownBy(() -> compiler.compile(build, "sm_90"))
        .hasMessageContaining("of jlora.cuh: #error");
  }

  @Test
  void a_gpu_newer_than_the_compiler_is_told_so() {
    KernelBuild build = KernelBuild.of("dropout.cu").elements(DType.FLOAT32).with("THREADS", 256);

    KernelCompiler compiler = compiler();
    assertThatThrownBy(() -> compiler.compile(build, "sm_999"))
        .hasMessageContaining("NVRTC_ERROR_INVALID_OPTION (5)")
        .hasMessageContaining("--gpu-architecture=sm_999")
        .hasMessageContaining("JLORA_CUDA");
  }

  @Test
  void a_log_without_a_line_is_told_as_it_is() {
    String log = "something else\nwent wrong\n";
    FakeLibrary nvrtc =
        new FakeLibrary(Nvrtc.declarations())
            .failing("nvrtcCompileProgram", 6)
            .on("nvrtcDestroyProgram", arguments -> 0)
            .on(
                "nvrtcGetProgramLogSize",
                arguments -> FakeDriver.answerLong(arguments[1], log.length() + 1))
            .on(
                "nvrtcGetProgramLog",
                arguments -> {
                  FakeLibrary.out(arguments[1], log.length() + 1).setString(0, log);
                  return 0;
                });

    assertThatThrownBy(
            () -> new KernelCompiler(new Nvrtc(nvrtc)).compile(KernelBuild.of("gelu.cu"), "sm_90"))
        .hasMessageContaining("gelu.cu does not compile for sm_90")
        .hasMessageContaining("| went wrong");
    assertThat(nvrtc.calls()).endsWith("nvrtcDestroyProgram");
  }
}
