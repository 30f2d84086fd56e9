package dev.jlora.engine.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir Path output;

  @Test
  void the_newest_is_found_by_its_number_not_its_name() {
    Checkpoints checkpoints = write(9, 10, 100);
    assertThat(checkpoints.newest()).contains(output.resolve("checkpoint-100"));
    assertThat(names(checkpoints))
        .containsExactly("checkpoint-9", "checkpoint-10", "checkpoint-100");
  }

  @Test
  void one_that_fails_leaves_nothing_behind_and_the_older_ones_alone() throws IOException {
    Checkpoints checkpoints = write(1);
    assertThatThrownBy(
            () ->
                checkpoints.write(
                    2,
                    folder -> {
                      throw new IllegalStateException("the disk is full");
                    }))
        .hasMessage("the disk is full");
    try (var left = Files.list(output)) {
      assertThat(left).containsExactly(output.resolve("checkpoint-1"));
    }
  }

  @Test
  void the_limit_keeps_the_newest_and_the_best() {
    Checkpoints checkpoints = write(1, 2, 3, 4);
    checkpoints.prune(2, 1L);
    assertThat(names(checkpoints)).containsExactly("checkpoint-1", "checkpoint-4");
  }

  @Test
  void no_limit_keeps_all() {
    Checkpoints checkpoints = write(1, 2, 3);
    checkpoints.prune(0, null);
    assertThat(checkpoints.all()).hasSize(3);
  }

  private Checkpoints write(long... steps) {
    Checkpoints checkpoints = new Checkpoints(output);
    for (long step : steps) {
      checkpoints.write(step, folder -> {});
    }
    return checkpoints;
  }

  private static List<String> names(Checkpoints checkpoints) {
    return checkpoints.all().stream().map(path -> path.getFileName().toString()).toList();
  }
}
