package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A label column with a different name in each of its rows. */
class ManyLabelsTest {
  private static final int LABELS = 70_000;

  @TempDir Path folder;

  @Test
  @Timeout(60)
  void seventy_thousand_labels_are_planned_and_shown_in_a_line() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < LABELS; i++) {
      rows.append("{\"text\": \"a film\", \"label\": \"name%05d\"}\n".formatted(i));
    }
    TinyJob tiny = new TinyJob(folder);
    String train = tiny.rows("many.jsonl", rows.toString()).toString();
    String plan =
        new Engine(Plugins.load())
            .plan(
                tiny.job(
                    TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION),
                    DataSpec.builder().train(train).build(),
                    "out",
                    t -> t.maxSteps(1)))
            .toString();
    assertThat(plan)
        .contains("[name00000, name00001,", "name00019 and 69,980 more]: ")
        .contains("70000 different names");
    assertThat(plan).hasSizeLessThan(3_000);
  }
}
