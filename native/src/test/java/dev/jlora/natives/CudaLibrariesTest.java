package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibrariesTest {
  @TempDir Path root;

  private Path file(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  private CudaFolders folders(Map<String, String> properties, Map<String, String> variables) {
    return CudaFolders.of(properties::get, variables, () -> root.resolve("site/torch/lib"));
  }

  @Test
  void a_machine_without_a_driver_is_told_so() {
    assertThatThrownBy(() -> CudaLibraries.driver("libcuda-that-is-not-there.so.1"))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("This machine has no NVIDIA driver")
        .hasMessageContaining("What to do: install the GPU's driver");
  }

  @Test
  void a_libtorch_without_cuda_is_told_so() {
    assumeFalse(NativeTorch.load().cudaBuild(), "this libtorch has CUDA");

    assertThatThrownBy(CudaLibraries::torch)
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("was built without CUDA")
        .hasMessageContaining("JLORA_LIBTORCH");
  }

  @Test
  void the_compiler_lies_in_the_folder_that_a_user_names() throws IOException {
    Path library = file("toolkit/lib64/libnvrtc.so.13");
    Path builtins = file("toolkit/lib64/libnvrtc-builtins.so.13.0");
    file("toolkit/lib64/libnvrtc.alt.so.13");
    file("site/torch/lib/libnvrtc.so.12");
    String toolkit = root.resolve("toolkit").toString();

    var byProperty = folders(Map.of("jlora.cuda", toolkit), Map.of()).nvrtc();
    var byVariable = folders(Map.of(), Map.of("JLORA_CUDA", toolkit)).nvrtc();

    assertThat(byProperty).isEqualTo(byVariable);
    assertThat(byProperty.orElseThrow().library()).isEqualTo(library);
    assertThat(byProperty.orElseThrow().builtins()).contains(builtins);
  }

  @Test
  void the_compiler_lies_beside_libtorch_in_a_python_installation() throws IOException {
    Files.createDirectories(root.resolve("site/torch/lib"));
    Path library = file("site/nvidia/cu13/lib/libnvrtc.so.13");

    assertThat(folders(Map.of(), Map.of()).nvrtc().orElseThrow().library()).isEqualTo(library);
  }

  @Test
  void a_folder_without_a_compiler_has_none() throws IOException {
    Path empty = Files.createDirectories(root.resolve("empty"));

    assertThat(folders(Map.of("jlora.cuda", empty.toString()), Map.of()).nvrtc()).isEmpty();
  }
}
