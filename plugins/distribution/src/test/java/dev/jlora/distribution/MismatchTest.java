package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.Engine;
import dev.jlora.engine.TextGenerator;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that are sound and do not belong together: it is said which, and nothing is left open. */
class MismatchTest {
  private static final TaskSpec REVIEWS =
      TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "good", "bad");

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());
  private TinyJob tiny;
  private long before;

  @BeforeEach
  void count() {
    tiny = new TinyJob(folder);
    before = Tensor.live();
  }

  @AfterEach
  void nothing_is_left_open() {
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void an_evaluation_without_rows() {
    DataSpec data = DataSpec.builder().train(reviews("rows.jsonl")).build();
    assertThatThrownBy(() -> engine.evaluate(job(REVIEWS, data), null))
        .hasMessageContaining("data.test: got neither test nor validation rows");
  }

  @Test
  void a_file_of_no_known_format() {
    DataSpec data = DataSpec.builder().train(reviews("rows.parquet")).build();
    assertThatThrownBy(() -> engine.train(job(REVIEWS, data)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("rows.parquet: is in no known format by its name")
        .hasMessageContaining("jsonl")
        .hasMessageContaining("data.format");
  }

  @Test
  void only_labels_that_no_row_has_or_without_their_column() {
    DataSpec.Builder data = DataSpec.builder().train(reviews("rows.jsonl")).onlyLabels();
    TaskSpec others = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "warm", "cold");
    assertThatThrownBy(() -> engine.train(job(others, data.build())))
        .hasMessageContaining("has no row with one of the labels [warm, cold]");
    DataSpec blind = data.columns(new ColumnsSpec("text", null, null, null)).build();
    TaskSpec told = others.withProblem(TaskSpec.Problem.SINGLE_LABEL_CLASSIFICATION);
    assertThatThrownBy(() -> engine.train(job(told, blind)))
        .hasMessageContaining("data.only_labels: got true without a label column");
  }

  @Test
  void a_tokenizer_of_another_model() {
    JobSpec job = job(REVIEWS, DataSpec.builder().train(reviews("rows.jsonl")).build());
    Path tokenizer = Path.of(job.model().path()).resolve("tokenizer.json");
    var json = Json.readObject(tokenizer);
    json.withObject("/model/vocab").put("zebra", 500);
    Json.write(tokenizer, json);
    assertThatThrownBy(() -> engine.train(job))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("tokenizer.json: has ids up to 500, but the model's table has 131");
  }

  @Test
  void a_checkpoint_of_other_batches() {
    engine.train(tiny.job("out", t -> t.maxSteps(4)));
    assertThatThrownBy(() -> engine.train(tiny.job("out", t -> t.resume(true).batch(2))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("checkpoint-4: was written by another job:")
        .hasMessageContaining("training.batch_size: was 4, is 2");
    assertThatThrownBy(() -> engine.train(tiny.job("out", t -> t.resume(true).seed(7))))
        .hasMessageContaining("training.seed: was 42, is 7");
  }

  @Test
  void a_checkpoint_that_is_damaged() throws IOException {
    engine.train(tiny.job("out", t -> t.maxSteps(4)));
    Files.writeString(folder.resolve("out/checkpoint-4/resume.json"), "{\"step\": \"four\"}");
    assertThatThrownBy(() -> engine.train(tiny.job("out", t -> t.resume(true))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("resume.json: does not say where to resume")
        .hasMessageContaining("Resume from an older checkpoint, or start a new run");
  }

  @Test
  void an_adapter_that_is_none_or_of_an_unknown_kind() throws IOException {
    JobSpec job = tiny.job("out", t -> t);
    Path adapter = Files.createDirectory(folder.resolve("adapter"));
    assertThatThrownBy(() -> engine.evaluate(job, adapter))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has no adapter_config.json, so it holds no adapter");
    Json.write(adapter.resolve("adapter_config.json"), Map.of("peft_type", "XLORA"));
    assertThatThrownBy(() -> engine.evaluate(job, adapter))
        .hasMessageContaining("has the peft_type 'XLORA', which no plugin provides")
        .hasMessageContaining("there are the methods ");
  }

  @Test
  void a_classifier_does_not_go_on_with_a_text() {
    engine.train(tiny.job("out", t -> t.maxSteps(1)));
    assertThatThrownBy(() -> TextGenerator.open(Plugins.load(), folder.resolve("out")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("was trained for sequence-classification, and only causal-lm")
        .hasMessageContaining("Ask it with predict");
  }

  private String reviews(String file) {
    return tiny.rows(file, TinyBert.reviews(8)).toString();
  }

  private JobSpec job(TaskSpec task, DataSpec data) {
    return tiny.job(task, data, "out", t -> t.maxSteps(2));
  }
}
