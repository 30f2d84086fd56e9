package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that moved to another machine without its training rows. */
class EvaluatedRunTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @ParameterizedTest
  @ValueSource(strings = {TaskSpec.SEQUENCE_CLASSIFICATION, TaskSpec.MASKED_LM})
  void a_finished_run_is_evaluated_without_its_training_rows(String task) throws IOException {
    TinyJob tiny = new TinyJob(folder);
    Path train = tiny.rows("train.jsonl", TinyBert.reviews(24));
    Path test = tiny.rows("test.jsonl", TinyBert.reviews(8));
    DataSpec data = DataSpec.builder().train(train.toString()).test(test.toString()).build();
    Path run = engine.train(tiny.job(TaskSpec.of(task), data, "out", t -> t.maxSteps(2))).adapter();
    JobSpec job = engine.job(run);
    var before = figures(job, run);
    var base = figures(job, null);
    Files.delete(train);
    assertThat(figures(job, run)).isEqualTo(before);
    assertThat(figures(job, null)).isEqualTo(base).isNotEqualTo(before);
  }

  private Map<String, Double> figures(JobSpec job, @Nullable Path trained) {
    Map<String, Double> log = engine.evaluate(job, trained).asLog();
    log.remove("eval_runtime");
    return log;
  }

  @Test
  void a_job_that_takes_its_labels_from_the_training_rows_needs_them() {
    TinyJob tiny = new TinyJob(folder);
    Path test = tiny.rows("test.jsonl", TinyBert.reviews(8));
    DataSpec data =
        DataSpec.builder()
            .train(folder.resolve("gone.jsonl").toString())
            .test(test.toString())
            .build();
    JobSpec job =
        tiny.job(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION), data, "out", t -> t.maxSteps(2));
    assertThatThrownBy(() -> engine.evaluate(job, null))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("gone.jsonl");
  }
}
