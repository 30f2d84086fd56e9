package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spi.Answer;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of words; the logits are made so that each token says a label of its own. */
class WordLabelsTest {
  private static final List<String> LABELS = List.of("O", "B-X", "I-X");
  private static final ColumnsSpec WORDS = new ColumnsSpec(null, null, "tags", "words");

  @Test
  void a_word_has_the_label_of_its_first_token() {
    Example example = encoded(WORDS, 512, Map.of("words", List.of("a", "unbelievable", "film")));
    // [CLS] a un ##believ ##able film [SEP]
    Answer answer = answer(example, 2, 0, 1, 2, 2, 1, 0);
    assertThat(answer.parts())
        .extracting(Answer.Part::position, Answer.Part::text, Answer.Part::label)
        .containsExactly(
            tuple(0, "a", "O"), tuple(1, "unbelievable", "B-X"), tuple(2, "film", "B-X"));
    assertThat(answer.label()).isEqualTo("O B-X B-X");
    assertThat(answer.score()).isBetween(0.9, 1.0);
  }

  @Test
  void a_plain_text_is_answered_word_by_word_too() {
    Example example = encoded(ColumnsSpec.defaults(), 512, Map.of("text", "Unbelievable  film!"));
    // [CLS] un ##believ ##able film ! [SEP]
    assertThat(answer(example, 0, 1, 2, 2, 2, 0, 0).parts())
        .extracting(Answer.Part::text, Answer.Part::label)
        .containsExactly(tuple("Unbelievable", "B-X"), tuple("film", "I-X"), tuple("!", "O"));
  }

  @Test
  void a_word_that_was_cut_off_has_no_answer() {
    Example example = encoded(WORDS, 4, Map.of("words", List.of("unbelievable", "film")));
    assertThat(answer(example, 0, 1, 0, 0).parts())
        .extracting(Answer.Part::text)
        .containsExactly("unbelievable");
  }

  @Test
  void words_are_judged_as_tags_of_their_rows() {
    try (var _ = Scope.open()) {
      var judge = new WordLabels(LABELS).collector();
      Tensor labels =
          Tensor.of(
              new long[] {
                Collator.IGNORED,
                1,
                2,
                Collator.IGNORED,
                Collator.IGNORED,
                0,
                Collator.IGNORED,
                Collator.IGNORED
              },
              2,
              4);
      judge.add(logits(2, 4, 0, 1, 0, 0, 0, 0, 2, 2), Map.of("labels", labels), List.of());
      var tags = (Predictions.Tags) judge.predictions().get(1);
      assertThat(tags.names()).isEqualTo(LABELS);
      assertThat(tags.lengths()).containsExactly(2, 1);
      assertThat(tags.predicted()).containsExactly(1, 0, 0);
      assertThat(tags.expected()).containsExactly(1, 2, 0);
      assertThat(judge.predictions().getFirst()).isInstanceOf(Predictions.Classes.class);
    }
  }

  @Test
  void entities_are_reported_where_the_labels_are_tags() {
    assertThat(new WordLabels(LABELS).defaultMetrics()).contains("entity_f1");
    assertThat(new WordLabels(List.of("NOUN", "VERB")).defaultMetrics())
        .contains("f1_macro")
        .doesNotContain("entity_f1");
  }

  @Test
  void an_example_to_learn_from_cannot_be_answered() {
    Map<String, ?> row = Map.of("words", List.of("a"), "tags", List.of("O"));
    Example example =
        Encoding.of(
            new TokenClassification(),
            Encoding.config(LABELS.toArray(String[]::new)),
            WORDS,
            512,
            row);
    assertThatThrownBy(() -> answer(example, 0, 0, 0))
        .hasMessageContaining("rows.jsonl:7: has no Words; expected an example");
  }

  private static Example encoded(ColumnsSpec columns, int length, Map<String, ?> row) {
    return Encoding.of(
        new TokenClassification(),
        Encoding.config(LABELS.toArray(String[]::new)),
        columns,
        length,
        row,
        EncodingMode.PREDICT);
  }

  private static Answer answer(Example example, int... classes) {
    try (var _ = Scope.open()) {
      return new WordLabels(LABELS)
          .answers(logits(1, classes.length, classes), Map.of(), List.of(example))
          .getFirst();
    }
  }

  /** Logits [rows, length, labels] that say these classes. */
  private static Outputs logits(int rows, int length, int... classes) {
    float[] values = new float[classes.length * LABELS.size()];
    for (int i = 0; i < classes.length; i++) {
      values[i * LABELS.size() + classes[i]] = 5;
    }
    return new Outputs(Map.of("logits", Tensor.of(values, rows, length, LABELS.size())));
  }
}
