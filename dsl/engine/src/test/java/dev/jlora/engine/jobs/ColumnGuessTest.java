package dev.jlora.engine.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns of GLUE, SQuAD, CoNLL and the like are found where a job names none. */
class ColumnGuessTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          sequence-classification | sentence label idx           | sentence | -          | label    | -
          sequence-classification | Text Label                   | Text     | -          | Label    | -
          sequence-classification | premise hypothesis label     | premise  | hypothesis | label    | -
          sequence-classification | sentence1 sentence2 score    | sentence1 | sentence2 | score    | -
          token-classification    | id tokens ner_tags           | -        | -          | ner_tags | tokens
          token-classification    | words labels                 | -        | -          | labels   | words
          question-answering      | id question context answers  | question | context    | answers  | -
          causal-lm               | content                      | content  | -          | label    | -
          sequence-classification | nothing known                | text     | -          | label    | -
          """)
  void of_published_data_sets(
      String task, String there, String text, String pair, String label, String tokens) {
    ColumnsSpec found = ColumnGuess.of(job(task, data()), List.of(there.split(" ")));
    assertThat(found.text()).isEqualTo(text);
    assertThat(found.textPair()).isEqualTo(pair);
    assertThat(found.label()).isEqualTo(label);
    assertThat(found.tokens()).isEqualTo(tokens);
  }

  @Test
  void of_images() {
    ColumnsSpec found =
        ColumnGuess.of(
            job(TaskSpec.IMAGE_CLASSIFICATION, data()), List.of("file_name", "category"));
    assertThat(found.image()).isEqualTo("file_name");
    assertThat(found.label()).isEqualTo("category");
  }

  @Test
  void a_job_that_names_columns_or_trains_keeps_its_own() {
    List<String> there = List.of("sentence", "labels");
    ColumnsSpec own = new ColumnsSpec("mine", null, "label", null);
    DataSpec named = data().toBuilder().columns(own).build();
    assertThat(ColumnGuess.of(job(TaskSpec.SEQUENCE_CLASSIFICATION, named), there)).isEqualTo(own);
    DataSpec training = data().toBuilder().train("rows.csv").build();
    assertThat(ColumnGuess.of(job(TaskSpec.SEQUENCE_CLASSIFICATION, training), there))
        .isEqualTo(ColumnsSpec.defaults());
  }

  private static DataSpec data() {
    return DataSpec.builder().test("rows.csv").build();
  }

  private static JobSpec job(String task, DataSpec data) {
    return new JobSpec(
        ModelSpec.of("model"),
        TaskSpec.of(task),
        null,
        data,
        OptimizerSpec.of("adamw", 1e-4),
        ScheduleSpec.of("linear"),
        TrainingSpec.builder().build());
  }
}
