package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void a_file_appears_whole_with_its_folders_and_replaces_an_older_one() throws IOException {
    Path file = folder.resolve("a/b/text.json");
    AtomicFiles.write(file, "one");
    AtomicFiles.write(file, "two");
    assertThat(file).hasContent("two");
    assertThat(list(file.getParent())).containsExactly("text.json");
  }

  @Test
  void a_failure_keeps_the_old_file_and_leaves_no_other() throws IOException {
    Path file = folder.resolve("text");
    AtomicFiles.write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("the cable was pulled");
                    }))
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("the cable was pulled")
        .hasMessageContaining(file.toString());
    assertThat(file).hasContent("old");
    assertThat(list(folder)).containsExactly("text");
  }

  /** A signal ends the process while another thread writes. */
  @Test
  void discarded_files_are_gone_and_never_get_their_name() throws IOException {
    Path file = folder.resolve("text");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    channel -> {
                      AtomicFiles.discardUnfinished();
                      assertThat(list(folder)).isEmpty();
                    }))
        .isInstanceOf(WriteException.class);
    assertThat(list(folder)).isEmpty();
  }

  @Test
  void a_full_device_is_told_and_leaves_nothing() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "no /dev/full on this system");
    Path file = folder.resolve("model.safetensors");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    channel -> AtomicFiles.writeFully(channel, ByteBuffer.wrap(new byte[4096])),
                    _ -> FileChannel.open(full, StandardOpenOption.WRITE)))
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("the disk is full");
    assertThat(list(folder)).isEmpty();
  }

  @Test
  void a_full_disk_is_told_and_leaves_nothing() throws Exception {
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.toString()) == 0,
        "a small file system cannot be mounted here");
    try (Scope _ = Scope.open()) {
      Path file = folder.resolve("model.safetensors");
      AtomicFiles.write(file, "old");
      assertThatThrownBy(
              () -> SafetensorsWriter.write(file, Map.of("w", Tensor.ones(DType.FLOAT32, 100_000))))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("the disk is full")
          .hasMessageContaining("no half-written file");
      assertThat(file).hasContent("old");
      assertThat(list(folder)).containsExactly("model.safetensors");
    } finally {
      run("umount", folder.toString());
    }
  }

  @Test
  void a_folder_that_cannot_be_written_is_told() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> AtomicFiles.write(inTheWay.resolve("config.json"), "{}"))
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("a part of its path is a file");
    assertThatThrownBy(() -> AtomicFiles.write(folder, "{}")).hasMessageContaining("is a folder");
  }

  private static int run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (IOException e) {
      return -1; // no such program
    }
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
