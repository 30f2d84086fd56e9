package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows without words, texts without a token to hide: they add nothing, and no NaN either. */
class NothingLabelledTest {
  private static final String FILM = "{\"words\": [\"a\", \"film\"], \"tags\": [\"O\", \"N\"]}\n";
  private static final String PLOT = "{\"words\": [\"plot\"], \"tags\": [\"N\"]}\n";
  private static final String NONE = "{\"words\": [], \"tags\": []}\n";

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());
  private final List<String> messages = new ArrayList<>();
  private final Callback listener =
      new Callback() {
        @Override
        public void onMessage(TrainerState state, String message) {
          messages.add(message);
        }
      };

  @Test
  void a_row_without_words_changes_nothing_and_is_named_once() {
    Run run = engine.train(words("rows", FILM + NONE + PLOT, t -> t.maxSteps(6)), listener);
    assertThat(losses(run)).hasSize(4).allMatch(Double::isFinite); // two steps have no loss
    assertThat(messages)
        .singleElement()
        .asString()
        .matches("step [123]: nothing is labelled in its rows \\(from .*rows.jsonl:2 on\\), .*");
  }

  @Test
  void it_adds_nothing_beside_rows_with_words() throws IOException {
    Run with = engine.train(words("with", FILM + NONE, t -> t.accumulate(2).maxSteps(1)));
    Run without = engine.train(words("without", FILM, t -> t.maxSteps(1)));
    assertThat(losses(with)).isEqualTo(losses(without));
    assertThat(Interrupted.weights(with)).isEqualTo(Interrupted.weights(without));
  }

  @Test
  void a_text_without_a_token_to_hide_adds_nothing() {
    String rows = "{\"text\": \"\"}\n{\"text\": \"a very good film\"}\n";
    JobSpec job =
        job(TaskSpec.MASKED_LM, ColumnsSpec.defaults(), "masked", rows, t -> t.maxSteps(4));
    Run run = engine.train(job, listener);
    assertThat(losses(run)).hasSize(2).allMatch(Double::isFinite);
    assertThat(messages).hasSize(1);
  }

  @Test
  void rows_that_have_nothing_to_learn_at_all_are_refused_after_one_epoch() {
    assertThatThrownBy(() -> engine.train(words("none", NONE + NONE, t -> t.maxSteps(10))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.jsonl")
        .hasMessageContaining(
            "has no label, word or token to learn in the rows of the first 2 steps")
        .hasMessageContaining("Label some of its rows");
    assertThat(folder.resolve("none/adapter_model.safetensors")).doesNotExist();
  }

  /** A batch of no words weighs nothing: the mean is that of the other rows, 3 words. */
  @Test
  void an_evaluation_passes_over_rows_without_words() {
    JobSpec job = words("rows", FILM + PLOT, t -> t.evalBatch(1));
    Run run = engine.train(job);
    JobSpec trained = engine.job(run.adapter());
    Path sparse = new TinyJob(folder).rows("sparse.jsonl", FILM + NONE + PLOT);
    Evaluation expected =
        engine.evaluate(tested(trained, folder.resolve("rows.jsonl")), run.adapter());
    Evaluation found = engine.evaluate(tested(trained, sparse), run.adapter());
    assertThat(found.loss()).isCloseTo(expected.loss(), within(1e-6));
    assertThat(found.items()).isEqualTo(3);
    assertThat(found.rows()).isEqualTo(3);
  }

  @Test
  void an_evaluation_of_nothing_is_refused_by_eval_and_is_never_the_best_in_a_run() {
    Path empty = new TinyJob(folder).rows("empty.jsonl", NONE + NONE);
    JobSpec job =
        words(
            "rows",
            FILM + PLOT,
            t -> t.evaluate(Interval.steps(1)).keepBest("loss").earlyStopping(3, 0).maxSteps(9));
    job = job.withData(job.data().toBuilder().validation(empty.toString()).build());
    Run run = engine.train(job, listener);

    assertThat(run.bestCheckpoint()).isNull();
    assertThat(run.steps()).isEqualTo(3);
    assertThat(run.evaluation().get("eval_loss")).isNaN();
    assertThat(run.evaluation().get("eval_accuracy")).isNaN();
    assertThat(messages)
        .contains(
            "step 1: nothing is labelled in the 2 rows to evaluate on,"
                + " so their figures are no numbers",
            "stopped early at step 3 of 9: no evaluation gave a number for eval_loss in"
                + " 3 evaluations",
            "kept the last weights, of step 3: none of 3 evaluations gave a number for eval_loss");
    JobSpec trained = engine.job(run.adapter());
    assertThatThrownBy(() -> engine.evaluate(tested(trained, empty), run.adapter()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("empty.jsonl: has no label, word or token to evaluate in its 2 rows");
  }

  private static JobSpec tested(JobSpec job, Path rows) {
    return job.withData(job.data().toBuilder().test(rows.toString()).build());
  }

  private JobSpec words(String name, String rows, UnaryOperator<TrainingSpec.Builder> training) {
    return job(
        TaskSpec.TOKEN_CLASSIFICATION,
        new ColumnsSpec(null, null, "tags", "words"),
        name,
        rows,
        training);
  }

  private JobSpec job(
      String task,
      ColumnsSpec columns,
      String name,
      String rows,
      UnaryOperator<TrainingSpec.Builder> training) {
    var tiny = new TinyJob(folder);
    String file = tiny.rows(name + ".jsonl", rows).toString();
    return tiny.job(
        task.equals(TaskSpec.TOKEN_CLASSIFICATION)
            ? TaskSpec.of(task, "O", "N")
            : TaskSpec.of(task),
        DataSpec.builder().train(file).columns(columns).build(),
        name,
        t -> training.apply(t.batch(1).accumulate(1).loggingSteps(1).maxSteps(2)));
  }

  private static List<Double> losses(Run run) {
    return run.history().stream()
        .filter(entry -> entry.containsKey("loss"))
        .map(entry -> entry.get("loss"))
        .toList();
  }
}
