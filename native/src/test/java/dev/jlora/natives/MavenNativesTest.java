package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MavenNativesTest {
  @TempDir Path temp;

  private static Bundle find(Path... jars) {
    return new MavenNatives(TestJars.classLoader(jars), Platform.LINUX_X86_64).find();
  }

  @Test
  void reads_names_sizes_and_checksums_without_unpacking() {
    Bundle bundle = find(TestJars.natives(temp, 1000));

    assertThat(bundle.id()).isEqualTo("9.9-1.2-linux-x86_64");
    assertThat(bundle.bytes()).isEqualTo(3000);
    assertThat(bundle.entries())
        .extracting(Bundle.Entry::name)
        .containsExactlyInAnyOrder("libtorch.so", "libtorch_cpu.so", "libopenblas.so.0");
    assertThat(bundle.entries()).allMatch(entry -> entry.crc() > 0);
  }

  @Test
  void takes_the_cuda_build_when_both_are_there() {
    Path cpu = TestJars.natives(temp, 10);
    Path gpu =
        TestJars.write(
            temp.resolve("pytorch-9.9-1.2-linux-x86_64-gpu.jar"),
            Map.of("org/bytedeco/pytorch/linux-x86_64-gpu/libtorch.so", new byte[5]));
    Path cuda =
        TestJars.write(
            temp.resolve("cuda.jar"),
            Map.of(
                "org/bytedeco/cuda/linux-x86_64/", new byte[0],
                "org/bytedeco/cuda/linux-x86_64/libcudart.so.13", new byte[6]));

    Bundle bundle = find(cpu, gpu, cuda);

    assertThat(bundle.id()).isEqualTo("9.9-1.2-linux-x86_64-gpu");
    assertThat(bundle.entries())
        .extracting(Bundle.Entry::name)
        .containsExactlyInAnyOrder("libtorch.so", "libopenblas.so.0", "libcudart.so.13");
  }

  @Test
  void a_renamed_jar_has_no_version() throws IOException {
    assertThat(
            MavenNatives.version(
                URI.create("jar:file:/all.jar!/org/bytedeco/pytorch/linux-x86_64/libtorch.so")
                    .toURL()))
        .isEqualTo("bundled");
  }

  @Test
  void no_natives_on_the_class_path_says_what_to_add() {
    assertThatThrownBy(() -> find())
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("No libtorch for linux-x86_64 is on the class path")
        .hasMessageContaining("org.bytedeco:pytorch")
        .hasMessageContaining("JLORA_LIBTORCH=FOLDER");
  }

  @Test
  void libtorch_without_its_blas_says_what_is_missing() {
    Path jar =
        TestJars.write(
            temp.resolve(TestJars.JAR_NAME), Map.of(TestJars.PYTORCH + "libtorch.so", new byte[5]));

    assertThatThrownBy(() -> find(jar))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("libopenblas.so.0 is not");
  }

  @Test
  void a_jar_cut_in_the_middle_counts_as_absent_and_the_message_says_so() throws IOException {
    Path jar = TestJars.natives(temp, 100_000);
    byte[] bytes = Files.readAllBytes(jar);
    Files.write(jar, java.util.Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(() -> find(jar))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("A jar that Maven cut short counts as absent");
  }

  @Test
  void libraries_in_a_plain_folder_are_not_unpacked() throws IOException {
    Path folder = temp.resolve("classes");
    Files.createDirectories(folder.resolve(TestJars.PYTORCH));
    Files.write(folder.resolve(TestJars.PYTORCH + "libtorch.so"), new byte[5]);

    assertThatThrownBy(() -> find(folder))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("is not inside a jar")
        .hasMessageContaining("-Djlora.libtorch=FOLDER");
  }
}
