package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every task but the classification of texts, from rows to an answer, on a tiny BERT. */
class TaskRunsTest {
  private static final List<String> NOUNS = List.of("film", "plot");
  private static final List<String> JUDGEMENTS = List.of("good", "bad");

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @Test
  void words_learn_their_tags() {
    List<Map<String, ?>> rows =
        IntStream.range(0, 24)
            .<Map<String, ?>>mapToObj(
                i ->
                    Map.of(
                        "words", List.of("the", NOUNS.get(i % 2), "was", JUDGEMENTS.get(i / 2 % 2)),
                        "tags", List.of("O", "NOUN", "O", "ADJ")))
            .toList();
    ColumnsSpec columns = new ColumnsSpec(null, null, "tags", "words");

    Run run = train(TaskSpec.of(TaskSpec.TOKEN_CLASSIFICATION), rows, columns, 0.8);

    assertThat(run.evaluation()).containsKeys("eval_accuracy", "eval_f1_macro");
    assertThat(run.evaluation().get("eval_accuracy")).isGreaterThan(0.9);
    Answer answer = answer(run, Map.of("words", List.of("the", "plot", "was", "good")));
    assertThat(answer.parts())
        .extracting(Answer.Part::text, Answer.Part::label)
        .containsExactly(
            tuple("the", "O"), tuple("plot", "NOUN"), tuple("was", "O"), tuple("good", "ADJ"));
  }

  @Test
  void hidden_words_are_guessed() {
    List<Map<String, ?>> rows =
        IntStream.range(0, 24)
            .<Map<String, ?>>mapToObj(_ -> Map.of("text", "the film was very good"))
            .toList();

    // every weight but those of query and value stays random, the head too: it learns slowly
    Run run = train(TaskSpec.of(TaskSpec.MASKED_LM), rows, ColumnsSpec.defaults(), 0.97);

    assertThat(run.evaluation()).containsKeys("eval_perplexity", "eval_accuracy");
    assertThat(run.evaluation().get("eval_perplexity")).isBetween(1.0, 131.0);
    Answer answer = answer(run, Map.of("text", "the [MASK] was very [MASK]"));
    assertThat(answer.parts()).extracting(Answer.Part::position).containsExactly(2, 5);
    assertThat(answer.parts()).allMatch(part -> part.score() > 0 && part.score() <= 1);
  }

  @Test
  void answers_are_found_in_their_contexts() {
    List<Map<String, ?>> rows =
        IntStream.range(0, 24)
            .<Map<String, ?>>mapToObj(
                i ->
                    Map.of(
                        "question", "was it good",
                        "context", "the plot " + "and a film ".repeat(i % 3) + "was very bad",
                        "answer", "very bad"))
            .toList();
    ColumnsSpec columns = new ColumnsSpec("question", "context", "answer", null);

    Run run = train(TaskSpec.of(TaskSpec.QUESTION_ANSWERING), rows, columns, 0.8);

    assertThat(run.evaluation()).containsKeys("eval_exact_match", "eval_answer_f1");
    assertThat(run.evaluation().get("eval_answer_f1")).isGreaterThan(0.5);
    Answer answer =
        answer(run, Map.of("question", "was it good", "context", "the plot was very bad"));
    String context = "the plot was very bad";
    assertThat(context).contains(answer.label());
    assertThat(answer.parts())
        .allMatch(part -> context.startsWith(part.text(), part.position()))
        .allMatch(part -> part.text().equals(answer.label()));
  }

  /** Trains on rows, and holds that the losses are finite and fall to a share of the first. */
  private Run train(TaskSpec task, List<Map<String, ?>> rows, ColumnsSpec columns, double share) {
    var tiny = new TinyJob(folder);
    var lines = new StringBuilder();
    rows.forEach(row -> lines.append(Json.mapper().valueToTree(row).toString()).append('\n'));
    Path file = tiny.rows("rows.jsonl", lines.toString());
    DataSpec data =
        DataSpec.builder()
            .train(file.toString())
            .validation(file.toString())
            .columns(columns)
            .build();
    JobSpec job =
        tiny.job(
                task,
                data,
                "out",
                t ->
                    t.accumulate(1)
                        .maxSteps(80)
                        .loggingSteps(20)
                        .save(Interval.never())
                        .evaluate(Interval.steps(80)))
            .withOptimizer(OptimizerSpec.of("adamw", 3e-2));
    Run run = engine.train(job);
    List<Double> losses =
        run.history().stream()
            .filter(entry -> entry.containsKey("loss"))
            .map(entry -> entry.get("loss"))
            .toList();
    assertThat(losses).hasSize(4).allMatch(Double::isFinite);
    assertThat(losses.getLast()).isLessThan(losses.getFirst() * share);
    assertThat(run.evaluation().get("eval_loss")).isFinite();
    return run;
  }

  private Answer answer(Run run, Map<String, ?> row) {
    JobSpec job = engine.job(run.adapter());
    try (Predictor predictor = Predictor.open(Plugins.load(), job, run.adapter())) {
      return predictor.predict(Dataset.of("rows", List.of(Row.of(row)))).getFirst();
    }
  }
}
