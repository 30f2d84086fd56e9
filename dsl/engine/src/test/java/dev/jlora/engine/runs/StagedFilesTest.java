package dev.jlora.engine.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFilesTest {
  private static final String HIDDEN = ".unfinished-test";

  @TempDir Path folder;

  @BeforeEach
  void earlierFiles() {
    write(folder, "config.json", "earlier");
  }

  private static void write(Path folder, String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void no_file_gets_its_name_before_all_are_complete() {
    List<String> seen = new ArrayList<>();
    StagedFiles.write(
        folder,
        HIDDEN,
        unfinished -> {
          write(unfinished, "config.json", "new");
          write(unfinished, "weights", "new");
          assertThat(folder.resolve("config.json")).hasContent("earlier");
          assertThat(folder.resolve("weights")).doesNotExist();
        },
        seen::addAll);
    assertThat(seen).containsExactly("config.json", "weights");
    assertThat(RunFolder.names(folder)).containsExactly("config.json", "weights");
    assertThat(folder.resolve("config.json")).hasContent("new");
  }

  @Test
  void a_failure_leaves_the_earlier_files_alone() {
    assertThatThrownBy(
            () ->
                StagedFiles.write(
                    folder,
                    HIDDEN,
                    unfinished -> {
                      write(unfinished, "config.json", "new");
                      throw new IllegalStateException("the disk is full");
                    },
                    _ -> {}))
        .hasMessage("the disk is full");
    assertThat(RunFolder.names(folder)).containsExactly("config.json");
    assertThat(folder.resolve("config.json")).hasContent("earlier");
  }

  @Test
  void what_a_killed_process_left_is_removed() throws IOException {
    write(Files.createDirectory(folder.resolve(HIDDEN)), "half", "of a file");
    StagedFiles.write(folder, HIDDEN, unfinished -> write(unfinished, "new", ""), _ -> {});
    assertThat(RunFolder.names(folder)).containsExactly("config.json", "new");
  }
}
