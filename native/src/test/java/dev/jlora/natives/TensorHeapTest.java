package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorHeapTest {
  private static final String LIBRARY = "linux/x64/org/lwjgl/jemalloc/libjemalloc.so";

  @TempDir Path temp;

  private TensorHeap open(ClassLoader classLoader, boolean refused) {
    NativeCache cache = new NativeCache(temp.resolve("cache"), false);
    return TensorHeap.open(classLoader, cache, Platform.LINUX_X86_64, refused);
  }

  private static boolean refused(Map<String, String> properties, Map<String, String> variables) {
    return TensorHeap.refused(properties::get, variables::get);
  }

  @Test
  void jemalloc_is_unpacked_from_its_jar_and_opened() {
    TensorHeap heap = open(TensorHeap.class.getClassLoader(), false);

    assertThat(heap.symbols().orElseThrow().find("je_aligned_alloc")).isPresent();
    assertThat(heap.description()).startsWith("jemalloc, from " + temp);
    assertThat(temp.resolve("cache/natives"))
        .isDirectoryContaining("glob:**jemalloc-*-linux-x86_64");
  }

  @Test
  void a_setting_does_without_it() {
    TensorHeap heap = open(TensorHeap.class.getClassLoader(), true);

    assertThat(heap.symbols()).isEmpty();
    assertThat(heap.description()).isEqualTo("glibc (as jlora.malloc or JLORA_MALLOC says)");
    assertThat(temp.resolve("cache")).doesNotExist();
  }

  @Test
  void a_class_path_without_it_is_no_error() {
    TensorHeap heap = open(TestJars.classLoader(), false);

    assertThat(heap.symbols()).isEmpty();
    assertThat(heap.description()).contains("no org.lwjgl:lwjgl-jemalloc for linux-x86_64");
  }

  @Test
  void a_library_that_cannot_be_opened_is_no_error() {
    Path jar =
        TestJars.write(
            temp.resolve("lwjgl-jemalloc-9.9-natives-linux.jar"),
            Map.of(LIBRARY, TestJars.bytes(500, 1)));

    TensorHeap heap = open(TestJars.classLoader(jar), false);

    assertThat(heap.symbols()).isEmpty();
    assertThat(heap.description())
        .startsWith("glibc (")
        .contains("jemalloc-9.9-linux-x86_64", "cannot be loaded");
  }

  @Test
  void a_cache_that_cannot_be_written_is_no_error() throws Exception {
    Files.writeString(temp.resolve("cache"), "a file where the folder should be");

    TensorHeap heap = open(TensorHeap.class.getClassLoader(), false);

    assertThat(heap.symbols()).isEmpty();
    assertThat(heap.description()).contains("jemalloc cannot be unpacked");
  }

  @Test
  void the_property_and_the_variable_each_say_glibc() {
    assertThat(refused(Map.of(), Map.of())).isFalse();
    assertThat(refused(Map.of("jlora.malloc", "glibc"), Map.of())).isTrue();
    assertThat(refused(Map.of(), Map.of("JLORA_MALLOC", "glibc"))).isTrue();
    assertThat(refused(Map.of(), Map.of("JLORA_MALLOC", "/usr/lib/libx.so"))).isFalse();
  }

  @Test
  void a_process_told_to_do_without_loads_libtorch_all_the_same() {
    String output = ChildJvm.start(LoadMain.class, List.of("-Djlora.malloc=glibc")).output();

    assertThat(output).contains("loaded from", "memory from glibc", "exit 0");
  }
}
