package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.RandomOps;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.GenerativeTask;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a decoder learns from a row. Words are tokens: a 2, b 3, c 4, d 5; 0 ends a text. */
class CausalLanguageTest {
  private static final ModelConfig CONFIG =
      ModelConfig.of("config.json", Json.object("{\"vocab_size\": 8}", "config.json"));
  private static final int NONE = Collator.IGNORED;

  private final CausalLanguage task = new CausalLanguage();
  private final TextEncoder text = encoder(5);

  @AfterEach
  void close() {
    text.close();
  }

  @Test
  void texts_are_joined_and_cut_into_blocks_without_losing_a_token() {
    List<Example> blocks = packed(text("a b c"), text("d d d d d d"), text(""), text("b b"));
    assertThat(blocks)
        .extracting(CausalLanguageTest::ids)
        .containsExactly(List.of(2, 3, 4, 0, 5), List.of(5, 5, 5, 5, 5), List.of(0, 0, 3, 3, 0));
    assertThat(blocks).allSatisfy(block -> assertThat(labels(block)).isEqualTo(ids(block)));
    assertThat(blocks.get(1).where()).contains("block 2 of rows");
  }

  @Test
  void a_row_can_stay_an_example_of_its_own() {
    Dataset rows = Dataset.of("rows", List.of(text("a b c"), text("d d d d d d")));
    assertThat(task.arrange(rows, text, data(false))).isSameAs(rows);
    assertThat(examples(columns(), rows.row(0), rows.row(1)))
        .extracting(CausalLanguageTest::ids)
        .containsExactly(List.of(2, 3, 4, 0), List.of(5, 5, 5, 5, 5));
  }

  @Test
  void a_prompt_is_read_but_not_learnt() {
    Row row = Row.of(Map.of("prompt", "a b", "completion", " c"));
    for (ColumnsSpec columns :
        List.of(columns(), new ColumnsSpec("prompt", "completion", "label", null))) {
      Example example = examples(columns, row).getFirst();
      assertThat(ids(example)).containsExactly(2, 3, 4, 0);
      assertThat(labels(example)).containsExactly(NONE, NONE, 4, 0);
    }
    assertThat(labels(packed(row, row).getFirst())).containsExactly(NONE, NONE, 4, 0, NONE);
  }

  @Test
  void of_a_conversation_the_assistant_is_learnt() {
    Row row =
        Row.of(
            Map.of(
                "messages",
                List.of(
                    Map.of("role", "user", "content", "a"),
                    Map.of("role", "assistant", "content", "b"))));
    Example example = examples(columns(), row).getFirst();
    assertThat(ids(example)).containsExactly(6, 2, 7, 3, 0);
    assertThat(labels(example)).containsExactly(NONE, NONE, NONE, 3, 0);
    Row odd = Row.of(Map.of("messages", List.of(Map.of("role", "user"))));
    assertThatThrownBy(() -> examples(columns(), odd))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has a message {role=user}");
  }

  @Test
  void a_row_with_nothing_to_learn_is_named() {
    Row row = Row.of(Map.of("prompt", "a a a a a a", "completion", " c"));
    assertThatThrownBy(() -> examples(columns(), row))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has nothing to train on in its first 5 tokens (of 8)");
    assertThatThrownBy(() -> packed(text(""))).hasMessageContaining("has no text to train on");
  }

  @Test
  void a_prompt_to_go_on_with_has_no_end() {
    Example example =
        task.encoder(CONFIG, text, columns(), EncodingMode.PREDICT)
            .encode(List.of(text("a b")))
            .getFirst();
    assertThat(ids(example)).containsExactly(2, 3);
    assertThat(example.target()).isEqualTo(Target.NONE);
  }

  @Test
  void what_is_to_be_written_is_what_would_be_learnt() {
    var prompts =
        task.prompts(
            List.of(
                Row.of(Map.of("prompt", "a b", "completion", " c d")),
                Row.of(Map.of("messages", List.of(said("user", "a"), said("assistant", "b")))),
                Row.of(
                    Map.of(
                        "messages",
                        List.of(
                            said("assistant", "a"),
                            said("user", "b"),
                            said("assistant", "c"),
                            said("user", "d"))))),
            text,
            columns());
    assertThat(prompts)
        .extracting(GenerativeTask.Prompt::expected)
        .containsExactly(" c d", "b", "c");
    assertThat(prompts.get(0).ids()).containsExactly(2, 3);
    assertThat(prompts.get(1).ids()).containsExactly(6, 2, 7);
    assertThat(prompts.get(2).ids()).containsExactly(7, 2, 0, 6, 3, 7); // all but the last answer
    assertThatThrownBy(() -> task.prompts(List.of(text("a b c")), text, columns()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has no prompt to continue");
  }

  private static Map<String, String> said(String role, String content) {
    return Map.of("role", role, "content", content);
  }

  @Test
  void a_row_that_is_too_long_is_refused_where_truncation_is_off() {
    var options = TextOptions.DEFAULT.withMaxLength(5).withoutTruncation();
    try (var strict = TextEncoder.open(Path.of("src/test/resources/words.json"), options)) {
      var encoder = task.encoder(CONFIG, strict, columns(), EncodingMode.TRAIN);
      assertThat(encoder.encode(List.of(text("a b c d"))).getFirst().length()).isEqualTo(5);
      assertThatThrownBy(() -> encoder.encode(List.of(text("a b c d a"))))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("has 6 tokens, more than the 5 that the job allows");
    }
  }

  @Test
  void the_loss_is_of_the_token_after() {
    try (var _ = Scope.open()) {
      var objective = task.objective(CONFIG, null);
      Tensor logits = RandomOps.randn(DType.FLOAT64, 1, 3, 8);
      Map<String, Tensor> batch = Map.of("labels", Tensor.of(new long[] {NONE, 4, 2}, 1, 3));
      Outputs outputs = new Outputs(Map.of("logits", logits));
      double[] values = logits.toDoubles();
      double expected = (negativeLog(values, 0, 4) + negativeLog(values, 1, 2)) / 2;
      assertThat(objective.loss(Tape.off(), outputs, batch, 0).item())
          .isCloseTo(expected, within(1e-9));
      assertThat(objective.weight(batch, 1)).isEqualTo(2);
      var judge = objective.collector();
      judge.add(outputs, batch, List.of());
      assertThat(((Predictions.Classes) judge.predictions().getFirst()).expected())
          .containsExactly(4, 2);
    }
  }

  private static double negativeLog(double[] logits, int token, int label) {
    double sum = IntStream.range(0, 8).mapToDouble(i -> Math.exp(logits[token * 8 + i])).sum();
    return Math.log(sum) - logits[token * 8 + label];
  }

  private List<Example> packed(Row... rows) {
    Dataset blocks = task.arrange(Dataset.of("rows", List.of(rows)), text, data(true));
    return examples(
        columns(), IntStream.range(0, blocks.size()).mapToObj(blocks::row).toArray(Row[]::new));
  }

  private List<Example> examples(ColumnsSpec columns, Row... rows) {
    return task.encoder(CONFIG, text, columns, EncodingMode.TRAIN).encode(List.of(rows));
  }

  private static DataSpec data(boolean packing) {
    return DataSpec.builder().train("rows").packing(packing).build();
  }

  private static ColumnsSpec columns() {
    return ColumnsSpec.defaults();
  }

  private static Row text(String text) {
    return Row.of(Map.of("text", text));
  }

  private static List<Integer> ids(Example example) {
    return IntStream.of(example.ids()).boxed().toList();
  }

  private static List<Integer> labels(Example example) {
    return IntStream.of(((Target.TokenIds) example.target()).ids()).boxed().toList();
  }

  private static TextEncoder encoder(int maxLength) {
    return TextEncoder.open(
        Path.of("src/test/resources/words.json"), TextOptions.DEFAULT.withMaxLength(maxLength));
  }
}
