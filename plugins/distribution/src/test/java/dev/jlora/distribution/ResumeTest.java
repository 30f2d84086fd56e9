package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A checkpoint is continued by its own job alone: what differs is refused by name, and what may
 * differ is known.
 */
class ResumeTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());
  private TinyJob tiny;

  @BeforeEach
  void a_run_of_four_steps() {
    tiny = new TinyJob(folder);
    engine.train(job(t -> t));
  }

  private JobSpec job(UnaryOperator<TrainingSpec.Builder> training) {
    return tiny.job(
        TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "bad", "good"),
        tiny.reviews(24),
        "out",
        t -> training.apply(t.maxSteps(4)));
  }

  private JobSpec resumed(UnaryOperator<TrainingSpec.Builder> training) {
    return job(t -> training.apply(t.resume(true).maxSteps(6)));
  }

  private void refused(JobSpec job, String... lines) throws IOException {
    Path written = folder.resolve("out/job.json");
    String before = Files.readString(written);
    assertThatThrownBy(() -> engine.train(job))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("checkpoint-4: was written by another job:")
        .hasMessageContainingAll(lines)
        .hasMessageContaining("Resume with these as they were")
        .hasMessageContaining("epochs, max_steps");
    assertThat(written).hasContent(before); // the run still says what it is
  }

  @Test
  void other_settings_are_refused_with_what_they_were_and_are() throws IOException {
    JobSpec job = resumed(t -> t);
    refused(
        job.withTask(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "good", "bad")),
        "task.labels: was [\"bad\",\"good\"], is [\"good\",\"bad\"]");
    refused(
        job.withOptimizer(OptimizerSpec.of("adamw", 99)),
        "optimizer.learning_rate: was 0.005, is 99");
    refused(job.withOptimizer(OptimizerSpec.of("sgd", 5e-3)), "optimizer.name: was adamw, is sgd");
    refused(
        job.withModel(job.model().withPrecision(Precision.BF16)),
        "model.precision: was fp32, is bf16");
    refused(resumed(t -> t.batch(2)), "training.batch_size: was 4, is 2");
    refused(resumed(t -> t.seed(7)), "training.seed: was 42, is 7");
    refused(
        resumed(t -> t.accumulate(1).maxGradNorm(2)),
        "training.gradient_accumulation_steps: was 2, is 1",
        "training.max_grad_norm: was 1, is 2");
    refused(
        with(job, ScheduleSpec.of("cosine"), job.adapter()),
        "schedule.name: was linear, is cosine",
        "schedule.warmup_steps: was 2, is 0");
    refused(
        with(job, job.schedule(), LoraSpec.builder().rank(2).targets("query").build()),
        "adapter.rank: was 4, is 2",
        "adapter.target_modules: was [\"query\",\"value\"], is [\"query\"]");
    refused(with(job, job.schedule(), null), "adapter.rank: was 4, is not set");
    refused(
        job.withData(job.data().toBuilder().maxLength(8).build()),
        "data.max_length: was not set, is 8");
  }

  private static JobSpec with(
      JobSpec job, ScheduleSpec schedule, dev.jlora.spec.AdapterSpec adapter) {
    return new JobSpec(
        job.model(), job.task(), adapter, job.data(), job.optimizer(), schedule, job.training());
  }

  @Test
  void other_rows_and_another_order_of_them_are_refused() throws IOException {
    List<String> lines = new ArrayList<>(TinyBert.reviews(24).lines().toList());
    JobSpec job = resumed(t -> t);
    refused(job.withData(rows("more.jsonl", TinyBert.reviews(26))), "data.rows: was 24 rows");
    Collections.reverse(lines);
    refused(
        job.withData(rows("reversed.jsonl", String.join("\n", lines))),
        "data.rows: was 24 rows",
        "in the order");
    lines.set(0, lines.getFirst().replace("very", "film"));
    refused(job.withData(rows("edited.jsonl", String.join("\n", lines))), "data.rows: was");
  }

  private DataSpec rows(String name, String text) {
    return DataSpec.builder().train(tiny.rows(name, text).toString()).build();
  }

  /** The last byte of a weight: same names, shapes and sizes, and still another model. */
  @Test
  void other_base_weights_of_the_same_shapes_are_refused() throws IOException {
    refused(moved(base -> change(base.resolve("model.safetensors"), -2)), "model.weights: was");
  }

  @Test
  void another_tokenizer_and_another_config_are_refused() throws IOException {
    refused(
        moved(
            base -> {
              var json = Json.readObject(base.resolve("tokenizer.json"));
              json.withObject("/model").put("max_input_chars_per_word", 2);
              Json.write(base.resolve("tokenizer.json"), json);
            }),
        "model.tokenizer: was digest");
    refused(
        moved(
            base -> {
              var json = Json.readObject(base.resolve("config.json"));
              json.put("hidden_dropout_prob", 0.3);
              Json.write(base.resolve("config.json"), json);
            }),
        "model.config: was digest");
  }

  /** The job on a copy of the base in another place, changed. */
  private JobSpec moved(Consumer<Path> change) throws IOException {
    Path copy = TinyBert.folder(folder.resolve("base" + folder.toFile().list().length));
    change.accept(copy);
    JobSpec job = resumed(t -> t);
    return job.withModel(ModelSpec.of(copy.toString()));
  }

  private static void change(Path file, int at) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length + at] ^= 1;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void more_steps_other_intervals_and_moved_files_are_accepted() throws IOException {
    Path rows = Files.copy(folder.resolve("reviews-24.jsonl"), folder.resolve("moved.jsonl"));
    JobSpec job =
        moved(base -> {})
            .withData(DataSpec.builder().train(rows.toString()).build())
            .withTraining(
                resumed(
                        t ->
                            t.maxSteps(8)
                                .epochs(9)
                                .loggingSteps(1)
                                .save(Interval.steps(3))
                                .saveTotalLimit(9)
                                .evalBatch(2)
                                .gradientCheckpointing(true)
                                .device("cpu"))
                    .training());
    assertThat(engine.train(job).steps()).isEqualTo(8);
  }

  @Test
  void rows_to_judge_by_matter_where_the_best_checkpoint_is_kept() throws IOException {
    UnaryOperator<TrainingSpec.Builder> best =
        t -> t.evaluate(Interval.steps(2)).save(Interval.steps(2)).keepBest("loss");
    engine.train(job(t -> best.apply(t).overwrite(true)));
    JobSpec job = resumed(best);
    String other = tiny.rows("other.jsonl", TinyBert.reviews(10)).toString();
    refused(
        job.withData(job.data().toBuilder().validation(other).build()),
        "data.validation_rows: was 24 rows");
    refused(
        resumed(t -> best.apply(t).keepBest("accuracy")),
        "training.best_metric: was loss, is accuracy");
    assertThat(engine.train(job).steps()).isEqualTo(6);
  }

  @Test
  void a_checkpoint_that_notes_no_job_is_compared_by_the_settings_of_its_run() throws IOException {
    change("checkpoint-4/resume.json", json -> json.without(List.of("fingerprint", "files")));
    refused(
        resumed(t -> t).withOptimizer(OptimizerSpec.of("adamw", 99)),
        "optimizer.learning_rate: was 0.005, is 99");
    Run run = engine.train(resumed(t -> t));
    assertThat(run.steps()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resume.json | step | | 'step' is missing",
        "resume.json | epoch | | 'epoch' is missing",
        "resume.json | dropout_offset | | 'dropout_offset' is missing",
        "resume.json | step | \"four\" | 'step' is \"four\", expected a whole number",
        "resume.json | batch | 1.5 | 'batch' is 1.5, expected a whole number",
        "resume.json | batch | -1 | 'batch' is -1, expected 0 or more",
        "resume.json | batch | 500 | 'batch' 500, and an epoch has 6 batches in 3 steps",
        "resume.json | order | 3 | 'order' is 3, expected an object",
        "resume.json | step | 3 | its name says 4, 'step' in resume.json 3, 'global_step' in"
            + " trainer_state.json 4",
        "trainer_state.json | global_step | | 'global_step' is missing",
        "trainer_state.json | global_step | true | 'global_step' is true, expected a whole number",
        "trainer_state.json | log_history | null | 'log_history'",
        "trainer_state.json | log_history | [{\"loss\": \"low\"}] | 'log_history[0].loss' is"
            + " \"low\"",
        "trainer_state.json | max_steps | 99999999999999999999 | 'max_steps'",
      })
  void damaged_counters_are_named(String file, String key, String value, String message)
      throws IOException {
    change(
        "checkpoint-4/" + file,
        json ->
            value == null
                ? json.without(key)
                : json.<ObjectNode>set(key, Json.parse(value, "the value")));
    assertThatThrownBy(() -> engine.train(resumed(t -> t)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("checkpoint-4")
        .hasMessageContaining("Resume from an older checkpoint");
  }

  @Test
  void a_damaged_optimizer_state_is_named() throws IOException {
    Files.copy(
        folder.resolve("out/checkpoint-4/adapter_model.safetensors"),
        folder.resolve("out/checkpoint-4/optimizer.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> engine.train(resumed(t -> t)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("checkpoint-4/optimizer.safetensors: does not fit the job");
  }

  private void change(String file, UnaryOperator<ObjectNode> how) throws IOException {
    Path path = folder.resolve("out").resolve(file);
    Json.write(path, how.apply(Json.readObject(path)));
  }
}
