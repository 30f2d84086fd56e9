package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LabelLists;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import dev.jlora.spec.TrainingSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a label column is taken for: decided from all of it, alike in every format, and said.
 *
 * <p>Expected losses were computed in Python with the formulas of the binary cross-entropy, {@code
 * log1p(exp(-|z|)) + max(z, 0) - z * y}, and the softmax cross-entropy, {@code log(sum(exp(z))) -
 * z[label]}, from the logits that {@link KnownHead} gives every row, and the mean over all.
 */
class LabelDecisionTest {
  private static final TaskSpec CLASSIFICATION = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
  private static final float[] THREE = {0.5f, -1.25f, 2};
  private static final float[] TWO = {0.75f, -0.5f};

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "csv", "tsv"})
  void numbers_with_a_fraction_are_a_regression_in_every_format(String format) {
    Path rows = rows(format, "1", "2.0", "2.50", "-1e1", "3");
    Plan plan = engine.plan(job(base(), CLASSIFICATION, rows));
    assertThat(plan.labels()).containsExactly("value");
    assertThat(plan.toString())
        .contains("column 'label' has numbers with a fraction (2.5")
        .contains(": regression; task.problem (--problem) overrides this");

    JobSpec job = job(base(), CLASSIFICATION, rows);
    JobSpec told =
        job.withTask(
            TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "value").withProblem(Problem.REGRESSION));
    try (Predictor base = Predictor.open(Plugins.load(), told, null)) {
      double value = base.predict("a film").score(); // all texts are alike
      double mse =
          List.of(1.0, 2.0, 2.5, -10.0, 3.0).stream()
              .mapToDouble(label -> (label - value) * (label - value))
              .average()
              .orElseThrow();
      assertThat(engine.evaluate(job, null).loss()).isCloseTo(mse, within(1e-5 * mse));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "csv"})
  void a_fraction_counts_however_late_it_comes(String format) {
    String[] labels =
        IntStream.range(0, 1203)
            .mapToObj(i -> i == 1101 ? "4.5" : Integer.toString(i % 5 + 1))
            .toArray(String[]::new);
    Plan plan = engine.plan(job(base(), CLASSIFICATION, rows(format, labels)));
    assertThat(plan.labels()).containsExactly("value");
    assertThat(plan.toString()).contains("4.5 in " + folder.resolve("rows." + format) + ":110");
  }

  @ParameterizedTest
  @CsvSource({"jsonl", "csv", "tsv"})
  void whole_numbers_are_classes_of_one_spelling(String format) {
    Path rows = rows(format, "2.0", "1", "3.0", "2");
    assertThat(engine.plan(job(base(), CLASSIFICATION, rows)).labels())
        .containsExactly("1", "2", "3");
    // logits 0.5, -1.25, 2 for the classes 1, 2, 3: the mean over the classes of the rows
    JobSpec known = job(head("123", List.of("1", "2", "3"), THREE), CLASSIFICATION, rows);
    assertThat(engine.evaluate(known, null).loss()).isCloseTo(2.2326219831020326, within(1e-6));
  }

  @Test
  void true_and_false_are_classes_of_one_spelling() {
    for (Path rows : List.of(rows("jsonl", "true", "false"), rows("csv", "True", "FALSE"))) {
      Plan plan = engine.plan(job(base(), CLASSIFICATION, rows));
      assertThat(plan.labels()).containsExactly("false", "true");
      assertThat(plan.toString()).contains("column 'label' has true and false: single_label");
    }
  }

  @Test
  void codes_with_leading_zeros_are_names() {
    Plan plan = engine.plan(job(base(), CLASSIFICATION, rows("csv", "007", "7", "010")));
    assertThat(plan.labels()).containsExactly("007", "010", "7");
  }

  @Test
  void the_job_says_otherwise() {
    Path rows = rows("csv", "0.50", "1.0", "0.5");
    TaskSpec classes = CLASSIFICATION.withProblem(Problem.SINGLE_LABEL_CLASSIFICATION);
    assertThat(engine.plan(job(base(), classes, rows)).labels()).containsExactly("0.5", "1");
    TaskSpec numbers = CLASSIFICATION.withProblem(Problem.REGRESSION);
    assertThat(engine.plan(job(base(), numbers, rows("csv", "1", "2"))).labels())
        .containsExactly("value");
  }

  @Test
  void one_name_for_whole_numbers_is_a_regression() {
    TaskSpec named = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "stars");
    Plan plan = engine.plan(job(base(), named, rows("csv", "1", "5")));
    assertThat(plan.labels()).containsExactly("stars");
    assertThat(plan.toString()).contains("and there is one label name: regression");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.5, 2, n/a     | rows.csv:4: column 'label' is 'n/a', but other rows have numbers with a fraction (0.5 in
          0.5, '', 2      | rows.csv:3: column 'label' is blank, expected a label
          good, '', bad   | rows.csv:3: column 'label' is blank, expected a label
          0.5, NaN, 1     | rows.csv:3: column 'label' is 'NaN', but other rows have numbers
          """)
  void what_can_be_meant_in_two_ways_is_refused(String labels, String said) {
    String[] cells = labels.replace("''", "").split(", ", -1);
    assertThatThrownBy(() -> engine.plan(job(base(), CLASSIFICATION, rows("csv", cells))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(said);
  }

  @Test
  void decimal_commas_and_the_lists_of_python_are_refused() {
    assertThatThrownBy(() -> engine.plan(job(base(), CLASSIFICATION, rows("tsv", "4,5", "3,0"))))
        .hasMessageContaining("rows.tsv:2: column 'label' is '4,5', a number with a decimal comma");
    assertThatThrownBy(() -> engine.plan(job(base(), CLASSIFICATION, rows("tsv", "['a', 'b']"))))
        .hasMessageContaining("rows.tsv:2: column 'label' is \"['a', 'b']\", a list as Python");
  }

  @Test
  void names_for_numbers_with_a_fraction_are_refused() {
    TaskSpec named = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "low", "high");
    assertThatThrownBy(() -> engine.plan(job(base(), named, rows("csv", "0.5", "1"))))
        .hasMessageContaining("task.labels: got the names [low, high], but column 'label' has")
        .hasMessageContaining("mean a regression with one output");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1, 0, 1];[0, 0, 0];[1, 1, 1];[0, 1, 0]",
        "[1.0, 0.0, 1.0];[0.0, 0.0, 0.0];[1.0, 1.0, 1.0];[0.0, 1.0, 0.0]",
        "[true, false, true];[false, false, false];[true, true, true];[false, true, false]"
      })
  void lists_as_long_as_the_labels_are_one_value_each(String labels) {
    for (String format : List.of("jsonl", "tsv")) {
      Path rows = rows(format, labels.split(";"));
      JobSpec known = job(head("abc", List.of("a", "b", "c"), THREE), CLASSIFICATION, rows);
      assertThat(engine.evaluate(known, null).loss()).isCloseTo(0.9093113588561508, within(1e-6));
      Plan plan = engine.plan(job(base(), CLASSIFICATION, rows));
      assertThat(plan.labels()).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
      assertThat(plan.toString())
          .contains("column 'label' has lists: multi_label_classification")
          .contains("lists of 3 values from 0 to 1: one for each label");
    }
  }

  @Test
  void values_between_are_shares() {
    Path rows = rows("jsonl", "[0.25, 1, 0.5]", "[0, 0.75, 1]");
    JobSpec known = job(head("abc", List.of("a", "b", "c"), THREE), CLASSIFICATION, rows);
    assertThat(engine.evaluate(known, null).loss()).isCloseTo(0.9613946921894841, within(1e-6));
  }

  @Test
  void of_two_labels_the_whole_column_decides() {
    Path flags = rows("jsonl", "[0, 1]", "[1, 0]", "[0, 1]", "[1, 1]");
    Path base = head("ab", List.of("a", "b"), TWO);
    assertThat(engine.evaluate(job(base, CLASSIFICATION, flags), null).loss())
        .isCloseTo(0.8054739951475032, within(1e-6));

    Path ids = new TinyJob(folder).rows("ids.jsonl", lines("[0]", "[1]", "[0, 1]", "[]"));
    JobSpec asIds = job(base, CLASSIFICATION, ids);
    assertThat(engine.evaluate(asIds, null).loss()).isCloseTo(0.7429739951475033, within(1e-6));
    assertThat(engine.plan(asIds).toString()).contains("lists of labels, by name or id");

    // the test file is read as the training file was, though it could be meant otherwise alone:
    // [0, 1] names both labels, whose losses are log1p(exp(-0.75)) and log1p(exp(0.5))
    Path both = new TinyJob(folder).rows("both.jsonl", lines("[0, 1]"));
    DataSpec data = asIds.data().toBuilder().test(both.toString()).build();
    assertThat(engine.evaluate(asIds.withData(data), null).loss())
        .isCloseTo((Math.log1p(Math.exp(-0.75)) + Math.log1p(Math.exp(0.5))) / 2, within(1e-6));
  }

  @Test
  void the_job_says_how_lists_are_written() {
    Path rows = rows("jsonl", "[0, 1]", "[1, 0]");
    TaskSpec named = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "a", "b");
    JobSpec job = job(head("ab", List.of("a", "b"), TWO), named, rows);
    DataSpec ids = job.data().toBuilder().labelLists(LabelLists.LABELS).build();
    assertThat(engine.evaluate(job.withData(ids), null).loss())
        .isCloseTo((Math.log1p(Math.exp(-0.75)) + Math.log1p(Math.exp(0.5))) / 2, within(1e-6));
  }

  @Test
  void what_was_decided_is_settled_in_the_job_of_the_run() {
    Path rows = rows("jsonl", "[1, 0]", "[0, 1]", "[0, 0]");
    JobSpec job = job(base(), CLASSIFICATION, rows);
    Path output = engine.train(job).adapter();
    JobSpec settled = engine.job(output);
    assertThat(settled.task().problem()).isEqualTo(Problem.MULTI_LABEL_CLASSIFICATION);
    assertThat(settled.task().labels()).containsExactly("LABEL_0", "LABEL_1");
    assertThat(settled.data().columns().labelLists()).isEqualTo(LabelLists.FLAGS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [1, 0, 1];[1, 0]        | rows.jsonl:1: column 'label' is [1, 0, 1], which is neither a list of label ids
          [0.5, 0.5];[1.0]        | rows.jsonl:1: column 'label' is [0.5, 0.5], which is neither
          [2.5, 1];[0, 1]         | rows.jsonl:1: column 'label' is [2.5, 1], which is neither
          [1, 0, 1, 1];[0, 0, 1, 1] | rows.jsonl:1: column 'label' is [1, 0, 1, 1], which is neither
          """)
  void lists_that_are_neither_are_refused(String labels, String said) {
    TaskSpec named = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "a", "b", "c");
    assertThatThrownBy(() -> engine.plan(job(base(), named, rows("jsonl", labels.split(";")))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(said)
        .hasMessageContaining("nor one value from 0 to 1 for each of 3 labels");
  }

  private JobSpec job(Path model, TaskSpec task, Path rows) {
    return new JobSpec(
        ModelSpec.of(model.toString()),
        task,
        LoraSpec.builder().rank(2).targets("query").build(),
        DataSpec.builder().train(rows.toString()).test(rows.toString()).build(),
        OptimizerSpec.of("adamw", 1e-3),
        ScheduleSpec.defaults(),
        training(t -> t));
  }

  private TrainingSpec training(UnaryOperator<TrainingSpec.Builder> how) {
    return how.apply(
            TrainingSpec.builder()
                .batch(2)
                .maxSteps(1)
                .threads(1)
                .output(folder.resolve("out").toString())
                .overwrite(true))
        .build();
  }

  private Path base() {
    return TinyBert.folder(folder.resolve("base"), 0);
  }

  private Path head(String name, List<String> labels, float... logits) {
    return KnownHead.folder(folder.resolve("head-" + name), labels, logits);
  }

  /** A file whose rows have these labels: a text that is the same for all, and a value of JSON. */
  private Path rows(String format, String... labels) {
    return switch (format) {
      case "jsonl" -> new TinyJob(folder).rows("rows.jsonl", lines(labels));
      case "csv" -> new TinyJob(folder).rows("rows.csv", table(",", labels));
      default -> new TinyJob(folder).rows("rows.tsv", table("\t", labels));
    };
  }

  private static String lines(String... labels) {
    return IntStream.range(0, labels.length)
        .mapToObj(i -> "{\"text\": \"a film\", \"label\": %s}%n".formatted(labels[i]))
        .collect(Collectors.joining());
  }

  private static String table(String separator, String... labels) {
    return "text"
        + separator
        + "label\n"
        + IntStream.range(0, labels.length)
            .mapToObj(i -> "a film" + separator + labels[i] + "\n")
            .collect(Collectors.joining());
  }
}
