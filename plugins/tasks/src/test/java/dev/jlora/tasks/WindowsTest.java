package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spi.Answer;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Ten tokens of context where four have room: this film was very good the un ##believ ##able film.
 */
class WindowsTest {
  private static final ColumnsSpec COLUMNS = new ColumnsSpec("question", "context", "answer", null);
  private static final String CONTEXT = "This film was very good. The unbelievable film";
  private static final Target NO_ANSWER = new Target.Span(0, 0);

  private final QuestionAnswering task = new QuestionAnswering();
  private final TextEncoder text =
      TextEncoder.open(Encoding.tokenizer(), task.textOptions().withMaxLength(10));

  @AfterEach
  void close() {
    text.close();
  }

  @Test
  void windows_are_cut_between_words_and_overlap() {
    assertThat(windows(CONTEXT.replace(".", ""), 1))
        .containsExactly(
            "This film was very", "very good The", "The unbelievable", "unbelievable film");
    assertThat(windows(CONTEXT.replace(".", ""), 0))
        .containsExactly("This film was very", "good The", "unbelievable film");
    // an overlap is at most half a window
    assertThat(windows("a a a a a a", 100)).containsExactly("a a a a", "a a a a");
    assertThat(windows("a film", 1)).containsExactly("a film");
  }

  @Test
  void a_word_longer_than_a_window_is_cut_inside() {
    String word = "un" + "believ".repeat(5); // six tokens
    assertThat(windows(word, 0)).containsExactly("unbelievbelievbeliev", "believbeliev");
  }

  @Test
  void the_window_with_the_answer_learns_it_and_the_others_that_there_is_none() {
    Row row = row(CONTEXT.replace(".", ""), "unbelievable film");
    assertThat(examples(EncodingMode.TRAIN, row))
        .extracting(Example::target)
        .containsExactly(NO_ANSWER, NO_ANSWER, NO_ANSWER, new Target.Span(5, 8));
    assertThat(examples(EncodingMode.TRAIN, row))
        .allMatch(one -> one.where().equals("row made in memory"));
  }

  @Test
  void without_a_stride_a_context_is_cut() {
    Dataset rows = Dataset.of("rows", List.of(row(CONTEXT, "film")));
    assertThat(task.arrange(rows, text, DataSpec.builder().train("x").build())).isSameAs(rows);
  }

  @Test
  void a_row_is_judged_by_its_best_window() {
    try (var _ = Scope.open()) {
      List<Example> windows =
          examples(EncodingMode.EVALUATE, row(CONTEXT.replace(".", ""), "The unbelievable"));
      var judge = task.objective(Encoding.config(), null).collector();
      // tokens 5 to 8 are the window; the third window is the surest
      double[] surest = {1, 2, 5, 3};
      for (int i = 0; i < windows.size(); i++) {
        judge.add(outputs(6, 7, surest[i]), batch(), List.of(windows.get(i)));
      }
      var texts = (Predictions.Texts) judge.predictions().getFirst();
      assertThat(texts.expected()).containsExactly(List.of("The unbelievable"));
      assertThat(texts.predicted()).hasSize(1).containsExactly("unbelievab".substring(0, 8));
    }
  }

  @Test
  void an_answer_stands_where_it_stands_in_the_whole_context() {
    String context = CONTEXT.replace(".", "");
    try (var _ = Scope.open()) {
      List<Example> windows = examples(EncodingMode.PREDICT, row(context, "film"));
      List<Answer> answers =
          IntStream.range(0, windows.size())
              .mapToObj(
                  i ->
                      task.objective(Encoding.config(), null)
                          .answers(
                              i == 3 ? outputs(8, 8, 4) : outputs(0, 0, 4),
                              Map.of(),
                              List.of(windows.get(i)))
                          .getFirst())
              .toList();
      Answer joined = task.joined(answers);
      assertThat(joined.label()).isEqualTo("film");
      assertThat(joined.parts().getFirst().position()).isEqualTo(context.lastIndexOf("film"));
      Answer none = task.joined(answers.subList(0, 3));
      assertThat(none.label()).isEmpty();
      assertThat(none.score()).isEqualTo(none.scores().get("")).isGreaterThan(0.5);
    }
  }

  private List<String> windows(String context, int stride) {
    return task.parts(List.of(row(context, "x")), text, data(stride)).getFirst().stream()
        .map(row -> Window.of(row, "context"))
        .map(window -> context.substring(window.from(), window.to()))
        .toList();
  }

  private List<Example> examples(EncodingMode purpose, Row row) {
    Dataset windows = task.arrange(Dataset.of("rows", List.of(row)), text, data(1));
    return task.encoder(Encoding.config(), text, COLUMNS, purpose)
        .encode(IntStream.range(0, windows.size()).mapToObj(windows::row).toList());
  }

  private static DataSpec data(int stride) {
    return DataSpec.builder().train("x").columns(COLUMNS).docStride(stride).build();
  }

  private static Row row(String context, String answer) {
    return Row.of(Map.of("question", "was this good", "context", context, "answer", answer));
  }

  private static Map<String, Tensor> batch() {
    return Map.of(Span.START, Tensor.of(new long[] {5}, 1), Span.END, Tensor.of(new long[] {8}, 1));
  }

  /** Logits that say the answer goes from one token to another. */
  private static Outputs outputs(int start, int end, double logit) {
    float[] starts = new float[10];
    float[] ends = new float[10];
    starts[start] = (float) logit;
    ends[end] = (float) logit;
    return new Outputs(
        Map.of("start_logits", Tensor.of(starts, 1, 10), "end_logits", Tensor.of(ends, 1, 10)));
  }
}
