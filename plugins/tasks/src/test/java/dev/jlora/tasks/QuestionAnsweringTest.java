package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Example;
import dev.jlora.data.Target;
import dev.jlora.spec.ColumnsSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuestionAnsweringTest {
  private static final ColumnsSpec COLUMNS = new ColumnsSpec("question", "context", "answer", null);
  private static final Target.Span NO_ANSWER = new Target.Span(0, 0);

  @Test
  void an_answer_is_the_tokens_of_the_context_that_spell_it() {
    Example example = encoded(512, "was this good", "this unbelievable film was good", "film was");
    // [CLS] was this good [SEP] this un ##believ ##able film was good [SEP]
    assertThat(example.ids()).containsExactly(2, 10, 17, 6, 3, 17, 12, 13, 14, 8, 10, 6, 3);
    assertThat(example.target()).isEqualTo(new Target.Span(9, 10));
  }

  @Test
  void a_word_of_the_question_is_not_the_answer() {
    Example example = encoded(512, "good film", "a good film", "good");
    assertThat(example.target()).isEqualTo(new Target.Span(5, 5));
  }

  @Test
  void part_of_a_word_takes_the_pieces_it_touches() {
    Example example = encoded(512, "was this good", "very unbelievable", "believ");
    assertThat(example.target()).isEqualTo(new Target.Span(7, 7));
  }

  @Test
  void the_place_decides_between_equal_answers() {
    Map<String, ?> row =
        Map.of(
            "question", "a film",
            "context", "good film very good",
            "answer", "good",
            "answer_start", 15);
    assertThat(encoded(512, row).target()).isEqualTo(new Target.Span(7, 7));
  }

  /**
   * Expected values by Python, whose strings count code points: {@code "\U0001f600\U0001d552 good
   * film good".index("good", 4) == 13}; [CLS] a film [SEP] are four tokens, then one [UNK] for
   * emoji and letter.
   */
  @Test
  void answer_start_counts_code_points_as_python_does() {
    String context = "\uD83D\uDE00\uD835\uDD52 good film good"; // an emoji, a mathematical letter
    assertThat(encoded(512, at(context, 3)).target()).isEqualTo(new Target.Span(5, 5));
    assertThat(encoded(512, at(context, 13)).target()).isEqualTo(new Target.Span(7, 7));
    assertThat(encoded(512, at(context, "13")).target()).isEqualTo(new Target.Span(7, 7));
    assertThatThrownBy(() -> encoded(512, at(context, 5)))
        .hasMessageContaining("rows.jsonl:7: has the answer 'good'")
        .hasMessageContaining("counts the UTF-16 units of Java and JavaScript");
    assertThatThrownBy(() -> encoded(512, at(context, 99))).hasMessageContaining("answer_start 99");
  }

  @Test
  void an_answer_start_that_is_no_place_is_told() {
    assertThatThrownBy(() -> encoded(512, at("a film", 1.5)))
        .hasMessageContaining("rows.jsonl:7: has the answer_start 1.5, expected a whole number");
    assertThatThrownBy(() -> encoded(512, at("a film", 1e12))).hasMessageContaining("1.0E12");
    assertThatThrownBy(() -> encoded(512, at("a film", "two"))).hasMessageContaining("two");
  }

  @Test
  void an_empty_answer_before_the_first_has_a_start_of_its_own() {
    Map<String, ?> row =
        Map.of(
            "question",
            "a film",
            "context",
            "good film very good",
            "answer",
            Map.of("text", List.of("", "good"), "answer_start", List.of(0, 15)));
    assertThat(encoded(512, row).target()).isEqualTo(new Target.Span(7, 7));
  }

  private static Map<String, ?> at(String context, Object start) {
    return Map.of(
        "question", "a film", "context", context, "answer", "good", "answer_start", start);
  }

  @Test
  void the_context_is_cut_and_the_question_kept() {
    String question = "was this very very good film good";
    Example example = encoded(13, question, "the film was very good", "film");
    // [CLS] 7 of the question [SEP] the film was [SEP]
    assertThat(example.ids()).containsExactly(2, 10, 17, 11, 11, 6, 8, 6, 3, 9, 8, 10, 3);
    assertThat(example.target()).isEqualTo(new Target.Span(10, 10));
  }

  @Test
  void an_answer_beyond_the_cut_or_across_it_is_the_first_token() {
    assertThat(encoded(8, "good film", "the film was very good", "very good").target())
        .isEqualTo(NO_ANSWER);
    assertThat(encoded(8, "good film", "the film was very good", "was very").target())
        .isEqualTo(NO_ANSWER);
    assertThat(encoded(512, "good film", "the film", "").target()).isEqualTo(NO_ANSWER);
  }

  @Test
  void an_answer_that_the_context_has_not_names_its_row() {
    assertThatThrownBy(() -> encoded(512, "a film", "the film", "good"))
        .hasMessageContaining("rows.jsonl:7: has the answer 'good', which is not in its context");
    Map<String, ?> row =
        Map.of("question", "a", "context", "a film", "answer", "film", "answer_start", 0);
    assertThatThrownBy(() -> encoded(512, row)).hasMessageContaining("at answer_start 0");
  }

  private static Example encoded(int length, String question, String context, String answer) {
    return encoded(length, Map.of("question", question, "context", context, "answer", answer));
  }

  private static Example encoded(int length, Map<String, ?> row) {
    return Encoding.of(new QuestionAnswering(), Encoding.config(), COLUMNS, length, row);
  }
}
