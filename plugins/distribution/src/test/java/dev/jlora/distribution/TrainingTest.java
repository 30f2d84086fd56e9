package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.engine.steps.NonFiniteLossException;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Answer;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on a tiny BERT: learning, going on after a kill, and stopping where it must. */
class TrainingTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @Test
  void a_run_leaves_an_adapter_that_is_judged_as_in_the_run() {
    Run run = engine.train(job("out", t -> t.maxSteps(40).evaluate(Interval.steps(20))));
    assertThat(run.steps()).isEqualTo(40);
    assertThat(run.evaluation()).containsKeys("eval_loss", "eval_accuracy", "eval_f1");
    assertThat(run.adapter())
        .isDirectoryContaining("glob:**/adapter_model.safetensors")
        .isDirectoryContaining("glob:**/adapter_config.json")
        .isDirectoryContaining("glob:**/" + TrainerState.FILE);

    JobSpec trained = engine.job(run.adapter());
    assertThat(trained.task().labels()).containsExactly("bad", "good");
    Evaluation evaluation = engine.evaluate(trained, run.adapter());
    assertThat(evaluation.loss()).isCloseTo(run.evaluation().get("eval_loss"), within(1e-5));
  }

  @Test
  void nothing_is_merged_over_the_base_or_the_adapter() throws IOException {
    Run run = engine.train(job("out", t -> t.maxSteps(2)));
    JobSpec job = engine.job(run.adapter());
    Path base = Path.of(job.model().path());
    long size = Files.size(base.resolve("model.safetensors"));
    var merger = new Merger(Plugins.load());
    assertThatThrownBy(() -> merger.merge(job, run.adapter(), base, true))
        .hasMessageContaining("is the folder of the model itself");
    assertThatThrownBy(() -> merger.merge(job, run.adapter(), run.adapter(), true))
        .hasMessageContaining("holds an adapter");
    assertThatThrownBy(() -> engine.train(job.withTraining(overwriting(base))))
        .hasMessageContaining("is the folder of the model itself");
    assertThat(base.resolve("model.safetensors")).hasSize(size);
    Path merged = merger.merge(job, run.adapter(), folder.resolve("merged"), false).folder();
    assertThatThrownBy(() -> merger.merge(job, run.adapter(), merged, false))
        .hasMessageContaining("holds a model already");
  }

  private static TrainingSpec overwriting(Path output) {
    return TrainingSpec.builder().output(output.toString()).overwrite(true).build();
  }

  @Test
  void a_model_trained_in_full_is_judged_and_asked_like_an_adapter() {
    JobSpec adapted = job("out", t -> t.maxSteps(4).evaluate(Interval.steps(4)));
    Run run =
        engine.train(
            new JobSpec(
                adapted.model(),
                adapted.task(),
                null,
                adapted.data(),
                adapted.optimizer(),
                adapted.schedule(),
                adapted.training()));
    JobSpec job = engine.job(run.adapter());
    assertThat(run.adapter()).isDirectoryContaining("glob:**/model.safetensors");
    assertThat(engine.evaluate(job, run.adapter()).loss())
        .isCloseTo(run.evaluation().get("eval_loss"), within(1e-5));
    assertThat(answers(job, run.adapter(), List.of("good film"))).hasSize(1);
  }

  @Test
  void a_merged_model_answers_as_its_adapter_does() {
    Run run = engine.train(job("out", t -> t.maxSteps(10)));
    JobSpec job = engine.job(run.adapter());
    Path merged =
        new Merger(Plugins.load())
            .merge(job, run.adapter(), folder.resolve("merged"), false)
            .folder();
    List<String> texts = List.of("good film", "bad film and a bad plot");
    List<Answer> expected = answers(job, run.adapter(), texts);
    List<Answer> actual = answers(job.withModel(ModelSpec.of(merged.toString())), null, texts);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(actual.get(i).label()).isEqualTo(expected.get(i).label());
      assertThat(actual.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5));
      assertThat(actual.get(i).scores()).containsOnlyKeys("bad", "good");
    }
  }

  @Test
  void a_trained_model_gives_the_vectors_inside_it() {
    Run run = engine.train(job("out", t -> t.maxSteps(2)));
    JobSpec job = engine.job(run.adapter());
    List<Float> alone = vectors(job, List.of("good film")).getFirst();
    List<Float> beside = vectors(job, List.of("good film", "a bad film and a bad plot")).getFirst();
    assertThat(alone).hasSize(32);
    for (int i = 0; i < alone.size(); i++) {
      assertThat(beside.get(i)).isCloseTo(alone.get(i), within(1e-5f));
    }
  }

  private List<List<Float>> vectors(JobSpec job, List<String> texts) {
    Path adapter = folder.resolve("out");
    try (Predictor predictor =
        Predictor.openFeatures(Plugins.load(), job, TaskSpec.FEATURE_EXTRACTION, adapter)) {
      return predictor.predict(texts).stream().map(Answer::vector).toList();
    }
  }

  private List<Answer> answers(JobSpec job, Path adapter, List<String> texts) {
    try (Predictor predictor = Predictor.open(Plugins.load(), job, adapter)) {
      return predictor.predict(texts);
    }
  }

  @Test
  void a_run_that_was_killed_and_resumed_ends_with_the_same_bits() throws IOException {
    Run whole = engine.train(job("whole", t -> t));
    assertThatThrownBy(() -> engine.train(job("killed", t -> t), Interrupted.failingAt(7)))
        .hasMessage("killed at step 7");
    Run resumed = engine.train(job("killed", t -> t.resume(true)));
    assertThat(resumed.steps()).isEqualTo(TinyJob.STEPS);
    assertThat(Interrupted.weights(resumed)).isEqualTo(Interrupted.weights(whole));
    assertThat(losses(resumed)).isEqualTo(losses(whole));
  }

  @Test
  void a_second_run_into_the_same_folder_is_refused_unless_it_may_replace_or_go_on() {
    engine.train(job("out", t -> t.maxSteps(2)));
    assertThatThrownBy(() -> engine.train(job("out", t -> t.maxSteps(2))))
        .hasMessageContaining("holds the results of an earlier run")
        .hasMessageContaining("overwrite");
    assertThat(engine.train(job("out", t -> t.maxSteps(3).overwrite(true))).steps()).isEqualTo(3);
  }

  @Test
  void a_loss_that_is_no_number_stops_the_run_at_its_step_with_the_checkpoint_intact() {
    JobSpec job = job("out", t -> t.save(Interval.steps(1)).maxGradNorm(0));
    JobSpec wild = job.withOptimizer(OptimizerSpec.of("sgd", 1e30)).withModel(job.model());
    assertThatThrownBy(() -> engine.train(wild))
        .isInstanceOf(NonFiniteLossException.class)
        .hasMessageContaining("Step ")
        .hasMessageContaining("checkpoint");
  }

  @Test
  void an_output_that_is_a_file_is_refused() throws IOException {
    Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> engine.train(job("file/below", t -> t)))
        .hasMessageContaining("file")
        .hasMessageContaining("Choose");
  }

  @Test
  void the_best_checkpoint_is_given_back_and_patience_ends_a_run() {
    Run run =
        engine.train(
            job(
                "out",
                t ->
                    t.maxSteps(200)
                        .evaluate(Interval.steps(2))
                        .save(Interval.steps(2))
                        .saveTotalLimit(2)
                        .keepBest("loss")
                        .earlyStopping(2, 10)));
    assertThat(run.steps()).isEqualTo(6); // first evaluation, then two without a gain above 10
    assertThat(run.state().bestStep()).isEqualTo(2);
    assertThat(run.bestCheckpoint()).isEqualTo(run.adapter().resolve("checkpoint-2"));
  }

  @Test
  void a_plan_counts_before_it_loads() {
    Plan plan = engine.plan(job("out", t -> t));
    assertThat(plan.targets()).hasSize(4).allMatch(name -> name.contains("attention.self"));
    assertThat(plan.parameters()).startsWith("trainable params: ");
    assertThat(plan.memory().optimizer()).isEqualTo(plan.trainable() * 8);
  }

  private static List<Double> losses(Run run) {
    return run.history().stream()
        .filter(entry -> entry.containsKey("loss"))
        .map(entry -> entry.get("loss"))
        .toList();
  }

  private JobSpec job(String output, UnaryOperator<TrainingSpec.Builder> training) {
    return new TinyJob(folder).job(output, training);
  }
}
