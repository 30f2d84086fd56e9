package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, x86_64, linux-x86_64",
    "Linux, aarch64, linux-arm64"
  })
  void is_named_as_mavens_classifiers_are(String os, String architecture, String name) {
    assertThat(Platform.of(os, architecture).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"Windows 11, amd64", "Mac OS X, aarch64", "Linux, riscv64"})
  void another_one_is_refused_with_a_way_out(String os, String architecture) {
    assertThatThrownBy(() -> Platform.of(os, architecture))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining(os)
        .hasMessageContaining(architecture)
        .hasMessageContaining("Linux");
  }

  @Test
  void of_this_machine_is_supported() {
    assertThat(Platform.current().name()).startsWith("linux-");
  }
}
