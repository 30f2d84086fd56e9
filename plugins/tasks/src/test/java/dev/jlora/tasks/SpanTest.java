package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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

/** Answers read off logits: [CLS] was this good [SEP] this film was very good [SEP]. */
class SpanTest {
  private static final ColumnsSpec COLUMNS = new ColumnsSpec("question", "context", "answer", null);
  private static final String CONTEXT = "This film was VERY good";
  private static final int TOKENS = 11;

  @Test
  void an_answer_is_cut_out_of_its_context() {
    Answer answer = answer(Map.of(8, 4f), Map.of(9, 4f));
    assertThat(answer.label()).isEqualTo("VERY good");
    assertThat(answer.parts())
        .containsExactly(new Answer.Part(14, "VERY good", "answer", answer.score()));
    // starts and ends: e^4 among e^4, four more tokens of the context and the first of all
    double share = Math.exp(4) / (Math.exp(4) + 5);
    assertThat(answer.score()).isCloseTo(share * share, within(1e-6));
  }

  /** By Python: {@code "\U0001f600 film was VERY good".index("VERY") == 11}; Java's is 12. */
  @Test
  void its_place_counts_code_points_as_python_does() {
    String context = "\uD83D\uDE00 film was VERY good";
    Map<String, ?> row = Map.of("question", "was this good", "context", context);
    Answer answer =
        answer(encoded(row, EncodingMode.PREDICT), TOKENS, Map.of(8, 4f), Map.of(9, 4f));
    assertThat(answer.label()).isEqualTo("VERY good");
    assertThat(answer.parts().getFirst().position()).isEqualTo(11);
  }

  @Test
  void it_is_neither_in_the_question_nor_backwards() {
    assertThat(answer(Map.of(3, 9f, 6, 1f), Map.of(3, 9f, 7, 1f)).label()).isEqualTo("film was");
    assertThat(answer(Map.of(9, 5f, 5, 2f), Map.of(5, 5f, 6, 4f)).label()).isEqualTo("This");
    assertThat(answer(Map.of(10, 9f, 6, 1f), Map.of(10, 9f, 6, 1f)).label()).isEqualTo("film");
  }

  @Test
  void there_is_none_where_the_first_token_is_likelier() {
    Answer none = answer(Map.of(0, 4f, 6, 3f), Map.of(0, 4f, 6, 3f));
    assertThat(none.label()).isEmpty();
    assertThat(none.parts()).isEmpty();
    assertThat(none.scores()).containsKeys("", "film");
    assertThat(none.scores().get(""))
        .isEqualTo(none.score())
        .isGreaterThan(none.scores().get("film"));
  }

  @Test
  void an_answer_has_no_more_than_thirty_tokens() {
    String film = "film ".repeat(40).strip();
    Example example = encoded(Map.of("question", "a", "context", film), EncodingMode.PREDICT);
    // [CLS] a [SEP] and forty films; the end is too far from the start to go with it
    Answer answer = answer(example, 44, Map.of(3, 5f), Map.of(33, 5f, 32, 1f));
    assertThat(answer.label()).isEqualTo("film ".repeat(30).strip());
  }

  @Test
  void where_every_row_has_an_answer_one_is_given() {
    try (var _ = Scope.open()) {
      var judge = new Span().collector();
      Map<Integer, Float> none = Map.of(0, 4f, 6, 3f);
      add(judge, "film", none);
      add(judge, List.of("very good", "good"), none);
      var texts = (Predictions.Texts) judge.predictions().getFirst();
      assertThat(texts.predicted()).containsExactly("film", "film");
      assertThat(texts.expected()).containsExactly(List.of("film"), List.of("very good", "good"));
      add(judge, "", none);
      texts = (Predictions.Texts) judge.predictions().getFirst();
      assertThat(texts.predicted()).containsOnly("");
      assertThat(texts.expected().getLast()).containsExactly("");
    }
  }

  @Test
  void answers_are_given_as_squad_has_them() {
    Map<String, ?> squad =
        Map.of("text", List.of("good", "very good"), "answer_start", List.of(19));
    assertThat(gold(squad)).isEqualTo(new GoldAnswers(List.of("good", "very good"), 19));
    assertThat(gold(Map.of("text", List.of(), "answer_start", List.of())))
        .isEqualTo(new GoldAnswers(List.of(), -1));
    assertThat(gold(List.of("a", "b")).texts()).containsExactly("a", "b");
    assertThat(gold(7).texts()).containsExactly("7");
    assertThatThrownBy(() -> gold(Map.of("start", 3)))
        .hasMessageContaining("column 'answer' has the answers")
        .hasMessageContaining("Expected a text, a list of texts, or {\"text\"");
  }

  private static GoldAnswers gold(Object answer) {
    return GoldAnswers.of(dev.jlora.data.Row.of(Map.of("answer", answer)), "answer");
  }

  private static void add(
      dev.jlora.spi.Objective.PredictionCollector judge,
      Object answer,
      Map<Integer, Float> logits) {
    Map<String, ?> row =
        Map.of("question", "was this good", "context", CONTEXT.toLowerCase(), "answer", answer);
    Map<String, Tensor> batch =
        Map.of(Span.START, Tensor.of(new long[] {6}, 1), Span.END, Tensor.of(new long[] {6}, 1));
    judge.add(outputs(TOKENS, logits, logits), batch, List.of(encoded(row, EncodingMode.EVALUATE)));
  }

  private static Answer answer(Map<Integer, Float> starts, Map<Integer, Float> ends) {
    Map<String, ?> row = Map.of("question", "was this good", "context", CONTEXT);
    return answer(encoded(row, EncodingMode.PREDICT), TOKENS, starts, ends);
  }

  private static Answer answer(
      Example example, int tokens, Map<Integer, Float> starts, Map<Integer, Float> ends) {
    try (var _ = Scope.open()) {
      assertThat(example.length()).isEqualTo(tokens);
      return new Span()
          .answers(outputs(tokens, starts, ends), Map.of(), List.of(example))
          .getFirst();
    }
  }

  private static Example encoded(Map<String, ?> row, EncodingMode purpose) {
    return Encoding.of(new QuestionAnswering(), Encoding.config(), COLUMNS, 512, row, purpose);
  }

  /** Logits that are 0 but at these tokens, padded by two. */
  private static Outputs outputs(int tokens, Map<Integer, Float> starts, Map<Integer, Float> ends) {
    return new Outputs(
        Map.of("start_logits", logits(tokens, starts), "end_logits", logits(tokens, ends)));
  }

  private static Tensor logits(int tokens, Map<Integer, Float> values) {
    float[] all = new float[tokens + 2];
    values.forEach((token, value) -> all[token] = value);
    return Tensor.of(all, 1, tokens + 2);
  }
}
