package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Task;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a task cannot do without is asked for by the key that gives it. */
class ColumnsTest {
  private static final Map<String, ?> ROW = Map.of("text", "a good film", "label", "good");
  private static final ColumnsSpec NO_TEXT = new ColumnsSpec(null, null, "label", "words");
  private static final ColumnsSpec NO_LABEL = new ColumnsSpec("text", null, null, null);

  private final SequenceClassification classification = new SequenceClassification();
  private final ModelConfig config = Encoding.config("bad", "good");

  @Test
  void a_text_without_a_column() {
    assertThatThrownBy(() -> encode(classification, config, NO_TEXT, EncodingMode.TRAIN))
        .hasMessageContaining("data.columns: got no text column, expected its name");
    assertThatThrownBy(() -> encode(new MaskedLanguage(), config, NO_TEXT, EncodingMode.TRAIN))
        .hasMessageContaining("data.columns: got no text column");
  }

  @Test
  void a_tokenizer_without_an_end_of_text() {
    assertThatThrownBy(() -> encode(new CausalLanguage(), config, NO_LABEL, EncodingMode.TRAIN))
        .hasMessageContaining("causal-lm: the tokenizer has no end-of-text token");
  }

  @Test
  void a_label_without_a_column() {
    assertThatThrownBy(() -> encode(classification, config, NO_LABEL, EncodingMode.TRAIN))
        .hasMessageContaining("got no label column, expected its name in data.columns.label");
  }

  @Test
  void a_question_without_its_context() {
    assertThatThrownBy(() -> encode(new QuestionAnswering(), config, NO_LABEL, EncodingMode.TRAIN))
        .hasMessageContaining("question-answering: got no column for the context")
        .hasMessageContaining("data.columns.text_pair");
  }

  @Test
  void a_problem_that_there_is_not() {
    ModelConfig odd = config.with("problem_type", "guessing");
    assertThatThrownBy(() -> classification.objective(odd, null))
        .hasMessageContaining("config.json: got problem_type 'guessing', expected")
        .hasMessageContaining("or regression");
  }

  @Test
  void one_label_is_nothing_to_tell_apart() {
    Dataset same = Dataset.of("rows", List.of(row(ROW), row(ROW)));
    assertThatThrownBy(
            () ->
                classification.configure(
                    Encoding.config(),
                    TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION),
                    false,
                    same,
                    ColumnsSpec.defaults()))
        .hasMessageContaining("Labels: got only [good], expected two or more to tell apart")
        .hasMessageContaining("column 'label'");
  }

  @Test
  void blocks_without_a_length() {
    DataSpec data = DataSpec.builder().train("rows.jsonl").packing(true).build();
    try (TextEncoder text = TextEncoder.open(Encoding.tokenizer(), TextOptions.DEFAULT)) {
      Dataset rows = Dataset.of("rows", List.of(row(ROW)));
      assertThatThrownBy(() -> new CausalLanguage().arrange(rows, text, data))
          .hasMessageContaining("data.max_length: got none, and the model sets no limit");
    }
  }

  private static void encode(
      Task task, ModelConfig config, ColumnsSpec columns, EncodingMode purpose) {
    Encoding.of(task, config, columns, 16, ROW, purpose);
  }

  private static Row row(Map<String, ?> values) {
    var keys = List.copyOf(values.keySet());
    return new Row(keys, keys.stream().map(values::get).toList(), "rows.jsonl", 7);
  }
}
