package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledTorchTest {
  private static final String SETTING = "JLORA_LIBTORCH";

  @TempDir Path temp;

  private static InstalledTorch at(Path folder) {
    return InstalledTorch.at(folder, SETTING, Platform.LINUX_X86_64);
  }

  /** The header of a 64-bit ELF file for a machine, and nothing behind it. */
  private static byte[] elf(int machine) {
    ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    header.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    return header.putShort(18, (short) machine).array();
  }

  private static void library(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  @Test
  void is_found_in_the_folder_or_in_lib_or_in_torch_lib() throws IOException {
    library(temp.resolve("site-packages/torch/lib/libtorch.so"), elf(62));
    Path lib = temp.resolve("site-packages/torch/lib");

    assertThat(at(lib).folder()).isEqualTo(lib);
    assertThat(at(temp.resolve("site-packages/torch")).folder()).isEqualTo(lib);
    assertThat(at(temp.resolve("site-packages")).folder()).isEqualTo(lib);
  }

  @Test
  void opens_the_wheels_cuda_runtime_before_libtorch() throws IOException {
    Path site = temp.resolve("site-packages");
    library(site.resolve("torch/lib/libtorch.so"), elf(62));
    library(site.resolve("nvidia/cuda_cupti/lib/libcupti.so.13"), elf(62));
    library(site.resolve("nvidia/cuda_runtime/lib/libcudart.so.13"), elf(62));

    assertThat(at(site.resolve("torch/lib")).inLoadingOrder())
        .containsExactly(
            site.resolve("nvidia/cuda_runtime/lib/libcudart.so.13"),
            site.resolve("nvidia/cuda_cupti/lib/libcupti.so.13"),
            site.resolve("torch/lib/libtorch.so"));
  }

  @Nested
  class Is_refused {
    @Test
    void when_the_folder_is_missing() {
      assertThatThrownBy(() -> at(temp.resolve("nowhere")))
          .isInstanceOf(NativeLoadException.class)
          .hasMessageContaining("JLORA_LIBTORCH is " + temp.resolve("nowhere"))
          .hasMessageContaining("not a folder")
          .hasMessageContaining("torch/lib");
    }

    @Test
    void when_there_is_no_libtorch_in_it() {
      assertThatThrownBy(() -> at(temp))
          .isInstanceOf(NativeLoadException.class)
          .hasMessageContaining("contains no libtorch.so");
    }

    @Test
    void when_it_is_not_a_library() throws IOException {
      library(temp.resolve("libtorch.so"), "version https://git-lfs.github.com/spec/v1".getBytes());

      assertThatThrownBy(() -> at(temp))
          .isInstanceOf(NativeLoadException.class)
          .hasMessageContaining("not a 64-bit ELF library");
    }

    @Test
    void when_it_is_cut_short() throws IOException {
      library(temp.resolve("libtorch.so"), new byte[] {0x7f, 'E', 'L', 'F'});

      assertThatThrownBy(() -> at(temp))
          .isInstanceOf(NativeLoadException.class)
          .hasMessageContaining("may be truncated");
    }

    @Test
    void when_it_is_for_another_machine() throws IOException {
      library(temp.resolve("libtorch.so"), elf(Platform.LINUX_ARM64.elfMachine()));

      assertThatThrownBy(() -> at(temp))
          .isInstanceOf(NativeLoadException.class)
          .hasMessageContaining("built for ELF machine 183")
          .hasMessageContaining("linux-x86_64");
    }
  }

  @Test
  void is_loaded_from_the_folder_that_the_property_names() {
    Path folder = NativeTorch.load().folder();

    String output = ChildJvm.start(LoadMain.class, List.of("-Djlora.libtorch=" + folder)).output();

    assertThat(output).contains("loaded from PROPERTY " + folder).endsWith("exit 0");
  }

  @Test
  void that_breaks_off_in_the_middle_is_an_error_in_the_loaders_words() throws IOException {
    library(temp.resolve("libtorch.so"), elf(62));

    String output = ChildJvm.start(LoadMain.class, List.of("-Djlora.libtorch=" + temp)).output();

    assertThat(output)
        .contains(temp.resolve("libtorch.so") + " cannot be loaded: ")
        .contains("What to do: ")
        .endsWith("exit 1");
  }
}
