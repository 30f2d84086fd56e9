package dev.jlora.distribution;

import static dev.jlora.Jlora.causalLm;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.questionAnswering;
import static dev.jlora.Jlora.tokenClassification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.Finetune;
import dev.jlora.Jlora;
import dev.jlora.TrainingBuilder;
import dev.jlora.cli.Main;
import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Callback;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Metrics of words, answers and written texts, from a job in words to the lines of predictions. */
class MetricRunsTest {
  private static final Callback QUIET = new Callback() {};
  private static final List<String> COUNT = List.of("one", "two", "three", "four", "five", "six");

  @TempDir Path folder;

  @Test
  void entities_decide_which_weights_are_kept_and_words_are_answered_with_them() {
    Path rows =
        rows(
            24,
            i ->
                Map.of(
                    "words", List.of("the", i % 2 == 0 ? "film" : "plot", "was", "very", "good"),
                    "tags", List.of("O", "B-THING", "O", "B-VERDICT", "I-VERDICT")));
    Run run =
        train(
            TinyBert.folder(folder.resolve("bert")),
            tokenClassification("O", "B-THING", "I-THING", "B-VERDICT", "I-VERDICT"),
            Jlora.data(rows.toString()).validation(rows.toString()).tokens("words").label("tags"),
            t -> t.keepBest("entity_f1").evaluateEvery(20).saveEvery(20));

    assertThat(run.evaluation())
        .containsKeys("eval_entity_precision", "eval_entity_recall", "eval_entity_f1_THING");
    assertThat(run.evaluation().get("eval_entity_f1")).isGreaterThan(0.9);
    JsonNode first = predicted(run, rows).getFirst();
    assertThat(first.path("label").asText()).isEqualTo("O B-THING O B-VERDICT I-VERDICT");
    assertThat(first.path("parts").findValuesAsText("text"))
        .containsExactly("the", "film", "was", "very", "good");
    assertThat(said("predict", run.adapter().toString(), "the plot was very good"))
        .contains("the/O plot/B-THING was/O very/B-VERDICT good/I-VERDICT");
  }

  @Test
  void questions_are_answered_from_rows_of_a_file_whose_contexts_are_long() {
    Path rows =
        rows(
            24,
            i ->
                Map.of(
                    "question",
                    "was it good",
                    "context",
                    "the plot " + "and a film ".repeat(i % 3) + "was very bad",
                    "answers",
                    Map.of("text", List.of("very bad", "bad"))));
    Run run =
        train(
            TinyBert.folder(folder.resolve("bert")),
            questionAnswering(),
            Jlora.data(rows.toString())
                .validation(rows.toString())
                .text("question")
                .textPair("context")
                .label("answers")
                .maxLength(12) // six tokens of up to eleven, in windows
                .docStride(2),
            t -> t);

    assertThat(run.evaluation().get("eval_answer_f1"))
        .isGreaterThan(0.5)
        .isGreaterThanOrEqualTo(run.evaluation().get("eval_exact_match"));
    List<JsonNode> answers = predicted(run, rows);
    assertThat(answers).hasSize(24).allSatisfy(one -> assertThat(one.has("vector")).isFalse());
    assertThat(answers).anySatisfy(one -> assertThat(one.path("label").asText()).contains("bad"));
  }

  @Test
  void what_a_language_model_writes_is_held_against_its_rows() {
    Path rows =
        rows(
            24,
            i ->
                Map.of(
                    "prompt",
                    "count from " + COUNT.get(i % 2),
                    "completion",
                    " " + String.join(" ", COUNT.subList(i % 2 + 1, i % 2 + 5))));
    Run run =
        train(
            TinyGpt.folder(folder.resolve("gpt")),
            causalLm().withMetrics("perplexity", "bleu", "rouge_l", "exact_match"),
            Jlora.data(rows.toString()).validation(rows.toString()).packing(false),
            t -> t.evalMaxNewTokens(8));

    Map<String, Double> found = run.evaluation();
    assertThat(found.get("eval_perplexity")).isBetween(1.0, 1.5);
    assertThat(found.get("eval_bleu")).isGreaterThan(0.9).isLessThanOrEqualTo(1);
    assertThat(found.get("eval_rouge_l")).isGreaterThan(0.9).isLessThanOrEqualTo(1);
    assertThat(said("eval", run.adapter().toString(), "--metrics", "rouge_l,answer_f1", "--base"))
        .contains("24 rows", "eval_rouge_l 0.", "eval_answer_f1")
        .doesNotContain("eval_bleu");
  }

  @Test
  void a_text_without_a_prompt_cannot_be_written_again() {
    Path rows = rows(4, i -> Map.of("text", "one two three"));
    assertThatThrownBy(
            () ->
                train(
                    TinyGpt.folder(folder.resolve("gpt")),
                    causalLm().withMetrics("bleu"),
                    Jlora.data(rows.toString()).validation(rows.toString()).maxLength(8),
                    t -> t))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("rows.jsonl:1: has no prompt to continue");
  }

  @Test
  void a_metric_that_means_nothing_is_refused_before_the_first_step() {
    Path rows = rows(4, i -> Map.of("text", "one two three"));
    assertThatThrownBy(
            () ->
                train(
                    TinyGpt.folder(folder.resolve("gpt")),
                    causalLm().withMetrics("mse"),
                    Jlora.data(rows.toString()).validation(rows.toString()).maxLength(8),
                    t -> t))
        .hasMessageContaining("Metric 'mse': got one of 10 classes to judge");
    assertThat(folder.resolve("out/trainer_state.json")).doesNotExist();
  }

  @Test
  void a_row_that_is_too_long_is_refused_where_truncation_is_off() {
    Path rows = rows(4, i -> Map.of("text", "good " + "very ".repeat(4 * i), "label", "x" + i % 2));
    assertThatThrownBy(
            () ->
                train(
                    TinyBert.folder(folder.resolve("bert")),
                    TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION),
                    Jlora.data(rows.toString()).maxLength(12).truncation(false),
                    t -> t))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("rows.jsonl:4: has 15 tokens, more than the 12 that the job allows");
  }

  private Run train(
      Path model, TaskSpec task, DataSpec.Builder data, UnaryOperator<TrainingBuilder> how) {
    Finetune job =
        finetune(model)
            .task(task)
            .adapter(lora().rank(4).alpha(16).allLinear())
            .data(data)
            .train(
                t ->
                    how.apply(
                        t.maxSteps(80)
                            .batch(4)
                            .learningRate(3e-2)
                            .threads(1)
                            .evaluateEvery(80)
                            .saveEvery(80)
                            .output(folder.resolve("out").toString())));
    return job.run(QUIET);
  }

  private Path rows(int count, IntFunction<Map<String, ?>> row) {
    var lines = new StringBuilder();
    IntStream.range(0, count)
        .forEach(
            i -> lines.append(Json.mapper().valueToTree(row.apply(i)).toString()).append('\n'));
    return new TinyJob(folder).rows("rows.jsonl", lines.toString());
  }

  private static List<JsonNode> predicted(Run run, Path rows) {
    assertThat(new Engine(Plugins.load()).isRun(run.adapter())).isTrue();
    return said("predict", run.adapter().toString(), "--rows", rows.toString())
        .lines()
        .<JsonNode>map(line -> Json.object(line, "a line"))
        .toList();
  }

  /** What a command prints. */
  private static String said(String... arguments) {
    var out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    var err = new StringWriter();
    line.setErr(new PrintWriter(err));
    assertThat(line.execute(arguments)).as(err.toString()).isZero();
    return out.toString();
  }
}
