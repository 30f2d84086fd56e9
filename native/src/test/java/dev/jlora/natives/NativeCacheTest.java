package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  private static final int BYTES = 300_000;

  @TempDir Path temp;
  private Path jar;
  private Path root;

  @BeforeEach
  void makeJar() {
    jar = TestJars.natives(temp, BYTES);
    root = temp.resolve("cache");
  }

  private Path unpacked() {
    return new NativeCache(root, false).unpacked(TestJars.bundle(jar));
  }

  @Test
  void unpacks_every_plain_library_and_nothing_else() throws IOException {
    Path folder = unpacked();

    assertThat(folder).isEqualTo(root.resolve("natives/9.9-1.2-linux-x86_64"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "libtorch.so", "libtorch_cpu.so", "libopenblas.so.0", Manifest.FILE_NAME);
    }
    assertThat(folder.resolve("libtorch_cpu.so")).hasBinaryContent(TestJars.bytes(BYTES, 2));
  }

  @Test
  void leaves_nothing_beside_the_folder_but_its_lock() throws IOException {
    Path folder = unpacked();

    try (Stream<Path> files = Files.list(root.resolve("natives"))) {
      assertThat(files).containsExactlyInAnyOrder(folder, Path.of(folder + ".lock"));
    }
  }

  @Test
  void writes_nothing_on_the_next_start() throws IOException {
    Path manifest = unpacked().resolve(Manifest.FILE_NAME);
    Object first = Files.readAttributes(manifest, "unix:ino").get("ino");

    unpacked();

    assertThat(Files.readAttributes(manifest, "unix:ino").get("ino")).isEqualTo(first);
  }

  @Test
  void two_processes_at_once_end_with_one_whole_folder() {
    Path large = TestJars.natives(temp, 20_000_000);

    List<ChildJvm> children =
        Stream.generate(
                () ->
                    ChildJvm.start(UnpackMain.class, List.of(), large.toString(), root.toString()))
            .limit(2)
            .toList();

    List<String> outputs = children.stream().map(ChildJvm::output).toList();
    assertThat(outputs).allMatch(output -> output.contains("unpacked 9.9-1.2-linux-x86_64"));
    assertThat(outputs).allMatch(output -> output.endsWith("exit 0"));
    assertThat(outputs).filteredOn(output -> output.contains("unpacking libtorch")).hasSize(1);
  }

  @Test
  void cleans_up_after_a_process_that_was_killed() throws IOException {
    Path leftover = root.resolve("natives/9.9-1.2-linux-x86_64.new-123");
    Files.createDirectories(leftover);
    Files.writeString(leftover.resolve("libtorch.so"), "half a library");

    unpacked();

    assertThat(leftover).doesNotExist();
  }

  @Nested
  class A_damaged_file {
    @Test
    void that_is_too_short_is_unpacked_again() throws IOException {
      Path library = unpacked().resolve("libtorch.so");
      Files.write(library, new byte[10]);

      assertThat(unpacked().resolve("libtorch.so")).hasBinaryContent(TestJars.bytes(BYTES, 1));
    }

    @Test
    void that_is_gone_is_unpacked_again() throws IOException {
      Files.delete(unpacked().resolve("libtorch_cpu.so"));

      assertThat(unpacked().resolve("libtorch_cpu.so")).exists();
    }

    @Test
    void of_the_right_size_is_found_by_its_time() throws IOException {
      Path library = unpacked().resolve("libtorch.so");
      Files.write(library, new byte[BYTES]);
      Files.setLastModifiedTime(library, FileTime.fromMillis(1));

      assertThat(unpacked().resolve("libtorch.so")).hasBinaryContent(TestJars.bytes(BYTES, 1));
    }

    @Test
    void of_the_right_size_and_time_is_found_by_full_verification() throws IOException {
      Path library = unpacked().resolve("libtorch.so");
      FileTime time = Files.getLastModifiedTime(library);
      Files.write(library, new byte[BYTES]);
      Files.setLastModifiedTime(library, time);
      assertThat(unpacked().resolve("libtorch.so")).hasBinaryContent(new byte[BYTES]);

      new NativeCache(root, true).unpacked(TestJars.bundle(jar));

      assertThat(library).hasBinaryContent(TestJars.bytes(BYTES, 1));
    }

    @Test
    void is_not_one_that_was_only_touched() throws IOException {
      Path library = unpacked().resolve("libtorch.so");
      Object first = Files.readAttributes(library, "unix:ino").get("ino");
      FileTime time = Files.getLastModifiedTime(library);
      Files.setLastModifiedTime(library, FileTime.fromMillis(1));

      unpacked();

      assertThat(Files.readAttributes(library, "unix:ino").get("ino")).isEqualTo(first);
      assertThat(Files.getLastModifiedTime(library).toMillis()).isEqualTo(time.toMillis());
    }

    @Test
    void called_manifest_leads_to_unpacking_again() throws IOException {
      Path manifest = unpacked().resolve(Manifest.FILE_NAME);
      Files.write(manifest, new byte[] {(byte) 0xff, 0, 'x'});

      assertThat(Manifest.read(unpacked())).isPresent();
    }
  }

  @Test
  void another_jar_of_the_same_version_replaces_the_folder() {
    unpacked();
    TestJars.natives(temp, BYTES + 1);

    assertThat(unpacked().resolve("libtorch.so")).hasBinaryContent(TestJars.bytes(BYTES + 1, 1));
  }

  @Test
  void a_damaged_jar_is_named_and_leaves_no_folder() {
    Bundle bundle =
        new Bundle(
            "libtorch",
            "9.9-test",
            List.of(
                new Bundle.Entry(
                    "libtorch.so",
                    100,
                    0x1234,
                    "some.jar",
                    () -> new ByteArrayInputStream(new byte[60]))));

    assertThatThrownBy(() -> new NativeCache(root, false).unpacked(bundle))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining("libtorch.so in some.jar is damaged: got 60 bytes")
        .hasMessageContaining("expected 100 bytes")
        .hasMessageContaining("delete that jar");
    assertThat(root.resolve("natives/9.9-test")).doesNotExist();
  }

  @Test
  void a_jar_entry_that_is_cut_short_is_named() throws IOException {
    Bundle bundle = TestJars.bundle(jar);
    byte[] bytes = Files.readAllBytes(jar);
    for (int i = 1000; i < bytes.length - 2000; i++) {
      bytes[i] = 0; // the directory at the end stays, the deflated content does not
    }
    Files.write(jar, bytes);

    assertThatThrownBy(() -> new NativeCache(root, false).unpacked(bundle))
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining(TestJars.JAR_NAME)
        .hasMessageContaining("damaged");
  }

  @Test
  void a_cache_that_cannot_be_written_says_how_to_name_another() throws IOException {
    Files.createDirectories(temp);
    Files.writeString(root, "a file where the folder should be");

    assertThatThrownBy(this::unpacked)
        .isInstanceOf(NativeLoadException.class)
        .hasMessageContaining(root.toString())
        .hasMessageContaining("-Djlora.cache=FOLDER")
        .hasMessageContaining("JLORA_CACHE=FOLDER");
  }
}
