package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.data.Target;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenClassificationTest {
  private static final ColumnsSpec COLUMNS = new ColumnsSpec(null, null, "tags", "words");
  private static final ModelConfig CONFIG = Encoding.config("O", "ADJ", "NOUN");

  @Test
  void only_the_first_piece_of_a_word_has_its_label() {
    Example example =
        encoded(
            512,
            Map.of(
                "words", List.of("a", "unbelievable", "film!"),
                "tags", List.of("O", "ADJ", "NOUN")));
    // [CLS] a un ##believ ##able film ! [SEP]
    assertThat(example.ids()).containsExactly(Encoding.CLS, 5, 12, 13, 14, 8, 15, Encoding.SEP);
    assertThat(labels(example))
        .containsExactly(
            Collator.IGNORED,
            0,
            1,
            Collator.IGNORED,
            Collator.IGNORED,
            2,
            Collator.IGNORED,
            Collator.IGNORED);
  }

  @Test
  void equal_words_beside_each_other_keep_their_own_labels() {
    Example example =
        encoded(512, Map.of("words", List.of("good", "good"), "tags", List.of("ADJ", "NOUN")));
    assertThat(labels(example)).containsExactly(Collator.IGNORED, 1, 2, Collator.IGNORED);
  }

  @Test
  void what_is_cut_off_takes_its_labels_with_it() {
    Example example =
        encoded(
            4, Map.of("words", List.of("unbelievable", "film"), "tags", List.of("ADJ", "NOUN")));
    assertThat(example.ids()).containsExactly(Encoding.CLS, 12, 13, Encoding.SEP);
    assertThat(labels(example))
        .containsExactly(Collator.IGNORED, 1, Collator.IGNORED, Collator.IGNORED);
  }

  @Test
  void a_label_too_few_and_an_unknown_one_name_their_row() {
    assertThatThrownBy(
            () -> encoded(512, Map.of("words", List.of("a", "film"), "tags", List.of("O"))))
        .hasMessageContaining("rows.jsonl:7: has 2 words and 1 label");
    assertThatThrownBy(() -> encoded(512, Map.of("words", List.of("a"), "tags", List.of("VERB"))))
        .hasMessageContaining("rows.jsonl:7: has the unknown label 'VERB'; the 3 known ones are");
    assertThatThrownBy(() -> encoded(512, Map.of("words", "a film", "tags", List.of("O", "O"))))
        .hasMessageContaining("rows.jsonl:7: column 'words' is 'a film', expected a list");
  }

  private static Example encoded(int length, Map<String, ?> row) {
    return Encoding.of(new TokenClassification(), CONFIG, COLUMNS, length, row);
  }

  private static int[] labels(Example example) {
    return ((Target.TokenIds) example.target()).ids();
  }
}
