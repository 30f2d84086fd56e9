package dev.jlora.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.backend.Backend;
import dev.jlora.backend.TestBackends;
import dev.jlora.cuda.FakeDriver;
import dev.jlora.cuda.FakeLibrary;
import dev.jlora.cuda.Stream;
import dev.jlora.cuda.TestGpu;
import dev.jlora.cuda.blas.InterpretedPlans;
import dev.jlora.cuda.blas.PlanRunner;
import dev.jlora.ffi.cuda.Nvrtc;
import dev.jlora.tensor.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device gets, over a driver and a compiler written in Java. */
class CudaBackendTest {
  private static final Device GPU = Device.cuda(0);
  private static final Supplier<PlanRunner> PRODUCTS = InterpretedPlans::new;
  private static final String LOG =
      """
      dropout.cu(12): error: identifier "thread" is undefined

      1 error detected in the compilation of "dropout.cu".
      """;

  @TempDir Path cache;

  private final List<String> said = new ArrayList<>();

  private Backend choose(String setting, Supplier<GpuQueue> queues, Supplier<PlanRunner> products) {
    return new CudaBackend(TestBackends.composed(), said::add)
        .choose(GPU, Family.read(setting), queues, products);
  }

  private FakeLibrary compiler() {
    return new FakeLibrary(Nvrtc.declarations())
        .on("nvrtcGetCUBINSize", arguments -> FakeDriver.answerLong(arguments[1], 16));
  }

  private GpuQueue queue(FakeLibrary driver, FakeLibrary compiler) {
    return new GpuQueue(TestGpu.without(driver, compiler, cache), () -> new Stream(0));
  }

  private Supplier<GpuQueue> working() {
    return () -> queue(FakeDriver.of(13000, 1), compiler());
  }

  @Test
  void a_gpu_with_a_compiler_has_kernels_for_every_family() {
    Backend backend = choose("on", working(), PRODUCTS);

    assertThat(said).isEmpty();
    assertThat(backend.masking()).isInstanceOf(CudaMasking.class);
    assertThat(backend.layerNorms()).isInstanceOf(CudaLayerNorms.class);
    assertThat(backend.gelu()).isInstanceOf(CudaGelu.class);
    assertThat(backend.crossEntropy()).isInstanceOf(CudaCrossEntropy.class);
    assertThat(backend.embedding()).isInstanceOf(CudaEmbeddingGradient.class);
    assertThat(backend.lora()).isInstanceOf(CudaLoraLinears.class);
    assertThat(backend.adam()).isInstanceOf(CudaAdamUpdates.class);
  }

  @Test
  void switched_off_nothing_is_even_looked_for() {
    Backend backend =
        choose(
            "off",
            () -> {
              throw new AssertionError("a GPU was looked for");
            },
            () -> {
              throw new AssertionError("cuBLAS was looked for");
            });

    assertThat(backend).isEqualTo(TestBackends.composed());
    assertThat(said)
        .containsExactly("cuda:0 runs on libtorch's operators alone, as -Djlora.cuda.kernels asks");
  }

  @Test
  void some_families_alone() {
    Backend backend = choose(" Norm,lora", working(), PRODUCTS);

    assertThat(backend.layerNorms()).isInstanceOf(CudaLayerNorms.class);
    assertThat(backend.lora()).isInstanceOf(CudaLoraLinears.class);
    assertThat(backend.masking()).isSameAs(TestBackends.composed().masking());
    assertThat(backend.adam()).isSameAs(TestBackends.composed().adam());
    assertThat(said)
        .containsExactly(
            "cuda:0 runs on libtorch's operators and jlora's kernels for norm, lora, as"
                + " -Djlora.cuda.kernels asks");
    assertThatThrownBy(() -> Family.read("norm,all"))
        .hasMessage(
            "jlora.cuda.kernels: got 'norm,all', expected on, off, or a comma-separated list of"
                + " dropout, norm, gelu, loss, embedding, lora, adam");
  }

  @Test
  void without_a_compiler_the_reason_is_said_in_a_line_and_cublas_stays() {
    Backend backend =
        choose(
            "on",
            () -> queue(FakeDriver.of(13000, 1), compiler().failing("nvrtcCompileProgram", 5)),
            PRODUCTS);

    assertThat(backend.masking()).isSameAs(TestBackends.composed().masking());
    assertThat(backend.lora()).isInstanceOf(CudaLoraLinears.class);
    assertThat(said).hasSize(1);
    assertThat(said.getFirst())
        .startsWith("cuda:0 runs on libtorch's operators instead of jlora's kernels: libnvrtc,")
        .contains("compiling dropout.cu for sm_90", "NVRTC_ERROR_INVALID_OPTION (5)")
        .doesNotContain("\n", "What to do");
  }

  @Test
  void a_source_that_does_not_compile_is_shown_with_its_line() {
    FakeLibrary compiler =
        compiler()
            .failing("nvrtcCompileProgram", 6)
            .on(
                "nvrtcGetProgramLogSize",
                arguments -> FakeDriver.answerLong(arguments[1], LOG.length() + 1))
            .on(
                "nvrtcGetProgramLog",
                arguments -> {
                  FakeLibrary.out(arguments[1], LOG.length() + 1).setString(0, LOG);
                  return 0;
                });
    choose("on", () -> queue(FakeDriver.of(13000, 1), compiler), PRODUCTS);

    assertThat(said).hasSize(1);
    assertThat(said.getFirst())
        .contains("dropout.cu does not compile for sm_90", "; line 12 of dropout.cu: ");
  }

  @Test
  void no_gpu_and_no_cublas_are_said_too() {
    Backend backend =
        choose(
            "on",
            () -> queue(FakeDriver.of(13000, 0), compiler()),
            () -> {
              throw new UnsatisfiedLinkError("libtorch_cuda has no function 'f'.");
            });

    assertThat(backend).isEqualTo(TestBackends.composed());
    assertThat(said).hasSize(2);
    assertThat(said.getFirst()).contains("this process sees no GPU");
    assertThat(said.getLast())
        .isEqualTo(
            "cuda:0 multiplies adapters by libtorch's operators instead of cuBLAS: libtorch_cuda"
                + " has no function 'f'.");
  }

  @Test
  void a_gpu_that_cannot_load_a_kernel_has_none() {
    FakeLibrary driver = FakeDriver.of(13000, 1).failing("cuModuleLoadDataEx", 209);
    Backend backend = choose("gelu", () -> queue(driver, compiler()), PRODUCTS);

    assertThat(backend).isEqualTo(TestBackends.composed());
    assertThat(said.getLast()).contains("CUDA_ERROR_NO_BINARY_FOR_GPU");
  }

  @Test
  void on_is_every_family_and_off_is_none() {
    Set<Family> all = EnumSet.allOf(Family.class);
    assertThat(Family.read("on")).isEqualTo(all);
    assertThat(Family.read("off")).isEmpty();
  }
}
