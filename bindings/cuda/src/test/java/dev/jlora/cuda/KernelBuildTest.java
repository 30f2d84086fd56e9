package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.DType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelBuildTest {
  private static final KernelBuild GELU =
      KernelBuild.of("gelu.cu").elements(DType.BFLOAT16).with("COLUMNS", 768).with("VECTOR", 8);

  @Test
  void options_have_one_order() {
    KernelBuild otherwise =
        KernelBuild.of("gelu.cu").with("VECTOR", 8).with("COLUMNS", 768).elements(DType.BFLOAT16);

    assertThat(otherwise).isEqualTo(GELU);
    assertThat(GELU.options("sm_90"))
        .isEqualTo(otherwise.options("sm_90"))
        .containsExactly(
            "--gpu-architecture=sm_90",
            "--std=c++17",
            "-DCOLUMNS=768",
            "-DELEMENT_BFLOAT16",
            "-DVECTOR=8");
  }

  @Test
  void a_key_changes_with_everything_that_the_machine_code_is_made_of() {
    KernelSource source = GELU.source();
    Map<String, String> macros = GELU.macros();
    Set<String> keys =
        new HashSet<>(
            List.of(
                GELU.key("sm_90", "NVRTC 13.0"),
                GELU.key("sm_100", "NVRTC 13.0"),
                GELU.key("sm_90", "NVRTC 13.1"),
                GELU.with("COLUMNS", 1024).key("sm_90", "NVRTC 13.0"),
                GELU.with("GELU_TANH", "").key("sm_90", "NVRTC 13.0"),
                new KernelBuild(
                        new KernelSource("gelu.cu", source.text() + " ", source.header()), macros)
                    .key("sm_90", "NVRTC 13.0"),
                new KernelBuild(
                        new KernelSource("gelu.cu", source.text(), source.header() + " "), macros)
                    .key("sm_90", "NVRTC 13.0")));

    assertThat(keys).hasSize(7).allMatch(key -> key.matches("[0-9a-f]{32}"));
    assertThat(keys)
        .contains(
            KernelBuild.of("gelu.cu")
                .with("VECTOR", 8)
                .with("COLUMNS", 768)
                .elements(DType.BFLOAT16)
                .key("sm_90", "NVRTC 13.0"));
  }

  @Test
  void dtypes_that_no_kernel_knows_are_refused() {
    assertThatThrownBy(() -> KernelBuild.of("gelu.cu").elements(DType.FLOAT64))
        .hasMessage("gelu.cu: got FLOAT64, expected FLOAT32, BFLOAT16 or FLOAT16");
    assertThatThrownBy(() -> KernelBuild.of("gelu.cu").parameters(DType.FLOAT16, DType.BFLOAT16))
        .hasMessage(
            "gelu.cu: got parameters of FLOAT16, expected FLOAT32 or, as the input, BFLOAT16");
  }

  @Test
  void a_source_that_does_not_come_with_jlora_is_refused() {
    assertThatThrownBy(() -> KernelSource.named("none.cu"))
        .hasMessage("there is no kernel source none.cu");
  }
}
