package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
  @TempDir Path root;

  private final AtomicInteger compiled = new AtomicInteger();

  private byte[] compile() {
    compiled.incrementAndGet();
    return new byte[] {1, 2, 3};
  }

  @Test
  void what_was_compiled_once_is_read_ever_after() {
    Path folder = root.resolve("kernels");

    assertThat(new KernelCache(folder).get("key", this::compile)).containsExactly(1, 2, 3);
    assertThat(new KernelCache(folder).get("key", this::compile)).containsExactly(1, 2, 3);

    assertThat(compiled).hasValue(1);
    assertThat(folder).isDirectoryContaining("glob:**/key.cubin");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void a_damaged_file_is_made_again() throws IOException {
    KernelCache cache = new KernelCache(root);
    cache.get("key", this::compile);
    Path file = root.resolve("key.cubin");
    byte[] whole = Files.readAllBytes(file);

    byte[] flipped = whole.clone();
    flipped[1] ^= 1;
    for (byte[] damaged : new byte[][] {flipped, {1, 2}, {}}) {
      Files.write(file, damaged);
      assertThat(cache.get("key", this::compile)).containsExactly(1, 2, 3);
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
    assertThat(compiled).hasValue(4);
  }

  @Test
  void a_folder_that_cannot_be_written_costs_a_compilation_each_time() throws IOException {
    Path file = Files.createFile(root.resolve("not-a-folder"));
    KernelCache cache = new KernelCache(file);

    assertThat(cache.get("key", this::compile)).containsExactly(1, 2, 3);
    assertThat(cache.get("key", this::compile)).containsExactly(1, 2, 3);
    assertThat(compiled).hasValue(2);
  }

  @Test
  void many_at_once_see_whole_files() {
    KernelCache cache = new KernelCache(root);

    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(_ -> cache.get("key", this::compile))
                .allMatch(image -> image.length == 3))
        .isTrue();
    assertThat(root.toFile().list()).containsExactly("key.cubin");
  }
}
