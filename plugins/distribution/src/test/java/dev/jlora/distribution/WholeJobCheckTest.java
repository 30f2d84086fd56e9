package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with any part of a job is told by its plan, and before the first step. */
class WholeJobCheckTest {
  private static final String ROWS =
      "{\"text\": \"a good film\", \"label\": \"good\"}\n"
          + "{\"text\": \"a bad film\", \"label\": \"bad\"}\n";

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rows.jsonl  | {"text": "a film", "label": "meh"}  | rows.jsonl:1: has the unknown label 'meh'
          rows.jsonl  | {"text": "a film", "lable": "bad"}  | rows.jsonl:1: has no column 'label'; its columns are ['text', 'lable']
          rows.jsonl  | {"text": 1, "label": [1, 0]}        | rows.jsonl:1: column 'label' is '[1, 0]', expected text
          rows.jsonl  | {"text": ["a"], "label": "bad"}     | rows.jsonl:1: column 'text' is '[a]', expected text
          rows.tsv    | a film\tbad                         | rows.tsv: has no rows
          rows.tsv    | a film\tbad\\na plot\tgood          | its columns are ['a film', 'bad']. Name the right ones in data.columns
          rows.csv    | text,label\\n"a film,bad            | rows.csv:2: is not well-formed CSV
          rows.txt    | a film                              | rows.txt: is in no known format by its name. Name one of '
          absent.csv  |                                     | absent.csv: no such file
          """)
  void rows_to_be_judged_by_are_read_before_anything_is_trained(
      String name, String content, String said) {
    Path file = folder.resolve(name);
    if (content != null) {
      new TinyJob(folder).rows(name, content.replace("\\n", "\n").replace("\\t", "\t"));
    }
    UnaryOperator<DataSpec.Builder> validation = data -> data.validation(file.toString());
    UnaryOperator<DataSpec.Builder> test = data -> data.test(file.toString());
    refused(job(validation, t -> t), said);
    refused(job(test, t -> t), said);
  }

  @Test
  void names_of_parts_are_checked() {
    JobSpec job = job(data -> data.test(rows()), t -> t);
    refused(
        job.withTask(job.task().withMetrics("acuracy")),
        "got 'acuracy', expected one of 'accuracy'");
    refused(job.withTask(job.task().withMetrics("mse")), "Metric 'mse': got one of 2 classes");
    JobSpec schedule =
        new JobSpec(
            job.model(),
            job.task(),
            job.adapter(),
            job.data(),
            job.optimizer(),
            ScheduleSpec.of("liner"),
            job.training(),
            job.callbacks());
    refused(schedule, "got 'liner', expected one of 'linear'");
    refused(
        job(data -> data.validation(rows()), t -> eachStep(t).keepBest("f2")),
        "got 'f2', expected one of");
    refused(
        job(data -> data, t -> eachStep(t).keepBest("f1")),
        "training.best_metric: got 'f1' without data.validation");
  }

  @Test
  void test_rows_are_held_to_the_decision_about_the_training_rows() {
    Path train = new TinyJob(folder).rows("train.csv", "text,label\na,0.5\nb,2\n");
    Path test = new TinyJob(folder).rows("test.csv", "text,label\na,1\nb,two\n");
    DataSpec data = DataSpec.builder().train(train.toString()).test(test.toString()).build();
    JobSpec job =
        new TinyJob(folder)
            .job(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION), data, "out", t -> t.maxSteps(1));
    refused(job, "test.csv:3: column 'label' is 'two', expected a number");
  }

  @Test
  void files_may_have_formats_of_their_own() {
    Path csv = new TinyJob(folder).rows("test.csv", "text;label\na film;good\n");
    Path odd = new TinyJob(folder).rows("validation.txt", "text\tlabel\na film\tbad\n");
    JobSpec job =
        job(
            data ->
                data.format("jsonl")
                    .test(csv.toString())
                    .validation(odd.toString())
                    .validationFormat("tsv"),
            t -> t);
    assertThat(engine.plan(job).labels()).containsExactly("bad", "good");
    Path alike = new TinyJob(folder).rows("train.rows", ROWS);
    Path same = new TinyJob(folder).rows("test.rows", ROWS);
    DataSpec named =
        DataSpec.builder().train(alike.toString()).test(same.toString()).format("jsonl").build();
    assertThat(engine.plan(job.withData(named)).labels()).hasSize(2);
    refused(
        job(data -> data.delimiter(";"), t -> t),
        "data.delimiter: got ';', but no file of the job is CSV");
  }

  @Test
  void a_limit_counts_the_rows_that_only_labels_keeps() {
    Path rows =
        new TinyJob(folder)
            .rows(
                "mixed.jsonl",
                ("{\"text\": \"a film\", \"label\": \"meh\"}\n").repeat(5) + ROWS.repeat(2));
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "bad", "good");
    DataSpec data =
        DataSpec.builder()
            .train(rows.toString())
            .test(rows.toString())
            .testLimit(3)
            .limit(2)
            .onlyLabels()
            .build();
    JobSpec job = new TinyJob(folder).job(task, data, "out", t -> t.maxSteps(1));
    assertThat(engine.evaluate(job, null).rows()).isEqualTo(3);
  }

  @Test
  void blank_texts_are_counted_in_the_plan_and_kept() {
    Path rows =
        new TinyJob(folder)
            .rows(
                "blank.jsonl",
                ROWS
                    + "{\"text\": \"\", \"label\": \"bad\"}\n"
                    + "{\"text\": \" \\n\", \"label\": \"good\"}\n");
    JobSpec job = job(data -> data.train(rows.toString()).test(rows.toString()), t -> t);
    assertThat(engine.plan(job).toString())
        .contains(
            "blank.jsonl: 2 rows have a blank text (the first is " + rows + ":3) and are kept");
    engine.train(job);
    assertThat(engine.evaluate(job, null).rows()).isEqualTo(4);
  }

  @Test
  void a_single_blank_text_is_told_in_the_singular() {
    Path rows =
        new TinyJob(folder).rows("blank.jsonl", ROWS + "{\"text\": \"\", \"label\": \"bad\"}\n");
    JobSpec job = job(data -> data.train(rows.toString()), t -> t);
    assertThat(engine.plan(job).toString())
        .contains(
            "blank.jsonl: 1 row has a blank text ("
                + rows
                + ":3) and is kept, as special tokens alone");
  }

  @Test
  void a_plan_that_only_estimates_memory_says_why() {
    Plan plan = engine.forecast(job(data -> data, t -> t));
    assertThat(plan.memory().counted()).isTrue();
    assertThat(plan.notes()).noneMatch(note -> note.startsWith("memory is only estimated"));
  }

  @Test
  void rows_and_texts_are_piped_into_predict_and_eval() {
    JobSpec job = job(data -> data, t -> t.save(Interval.never()));
    String run = engine.train(job).adapter().toString();
    assertThat(said("a good film\na bad film\n", "predict", run, "-").lines()).hasSize(2);
    assertThat(said("a good film\n", "predict", run, "--input", "-").lines()).hasSize(1);
    assertThat(said(ROWS, "predict", run, "--rows", "-", "--format", "jsonl").lines())
        .hasSize(2)
        .allSatisfy(
            line ->
                assertThat(Json.object(line, "answer").path("row").fieldNames())
                    .toIterable()
                    .containsExactly("text", "label"))
        .allMatch(line -> Json.object(line, "answer").path("score").isNumber());
    assertThat(said("text,label\na film,bad\n", "eval", run, "--test", "-", "--format", "csv"))
        .startsWith("1 row");
    assertThat(failed(ROWS, "eval", run, "--test", "-"))
        .contains("standard input: is in no known format by its name. Name one of")
        .contains("data.test_format (--test-format)");
    assertThat(failed(ROWS, "predict", run, "--rows", "-")).contains("in --format.");
    assertThat(
            failed(
                ROWS, "plan", "--model", job.model().path(), "--train", "-", "--format", "jsonl"))
        .contains("--train: got '-', standard input, which can be read once");
  }

  private static String said(String input, String... arguments) {
    return TypedLine.piped(input, arguments).said();
  }

  private static String failed(String input, String... arguments) {
    return TypedLine.piped(input, arguments).complaint();
  }

  private void refused(JobSpec job, String said) {
    assertThatThrownBy(() -> engine.plan(job)).hasMessageContaining(said);
    assertThatThrownBy(() -> engine.train(job)).hasMessageContaining(said);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static TrainingSpec.Builder eachStep(TrainingSpec.Builder training) {
    return training.evaluate(Interval.steps(1)).save(Interval.steps(1));
  }

  private String rows() {
    return new TinyJob(folder).rows("known.jsonl", ROWS).toString();
  }

  private JobSpec job(
      UnaryOperator<DataSpec.Builder> data, UnaryOperator<TrainingSpec.Builder> training) {
    DataSpec.Builder builder = DataSpec.builder().train(rows());
    return new TinyJob(folder)
        .job(
            TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION),
            data.apply(builder).build(),
            "out",
            t -> training.apply(t.maxSteps(1)));
  }
}
