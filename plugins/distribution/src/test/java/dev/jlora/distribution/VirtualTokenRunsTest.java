package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.prompt.EncoderType;
import dev.jlora.adapters.prompt.PTuningSpec;
import dev.jlora.adapters.prompt.PrefixTuningSpec;
import dev.jlora.adapters.prompt.PromptSpec;
import dev.jlora.adapters.prompt.PromptTuningSpec;
import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import dev.jlora.tensor.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Jobs with virtual tokens: training, evaluation, prediction, generation, resuming. */
class VirtualTokenRunsTest {
  private static final Plugins PLUGINS = Plugins.load();

  @TempDir Path folder;
  private final Engine engine = new Engine(PLUGINS);

  static Stream<PromptSpec> specs() {
    return Stream.of(
        PromptTuningSpec.builder().virtualTokens(4).build(),
        PTuningSpec.builder().virtualTokens(4).encoderHiddenSize(8).build(),
        PrefixTuningSpec.builder().virtualTokens(4).build());
  }

  private JobSpec job(PromptSpec spec, TaskSpec task, DataSpec data, String output, int steps) {
    return new TinyJob(folder)
        .job(
            task,
            data,
            output,
            t ->
                t.accumulate(1)
                    .maxSteps(steps)
                    .loggingSteps(steps / 4)
                    .save(Interval.never())
                    .evaluate(Interval.steps(steps)))
        .withAdapter(spec)
        .withOptimizer(OptimizerSpec.of("adamw", 2e-2));
  }

  private DataSpec rows(List<Map<String, ?>> rows, ColumnsSpec columns) {
    StringBuilder lines = new StringBuilder();
    rows.forEach(row -> lines.append(Json.mapper().valueToTree(row).toString()).append('\n'));
    Path file = new TinyJob(folder).rows("rows.jsonl", lines.toString());
    return DataSpec.builder()
        .train(file.toString())
        .validation(file.toString())
        .columns(columns)
        .build();
  }

  private Answer answer(Run run, Map<String, ?> row) {
    JobSpec job = engine.job(run.adapter());
    try (Predictor predictor = Predictor.open(PLUGINS, job, run.adapter())) {
      return predictor.predict(Dataset.of("rows", List.of(Row.of(row)))).getFirst();
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void predictions_are_those_of_the_evaluation(PromptSpec spec) {
    DataSpec data = new TinyJob(folder).reviews(24);
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
    JobSpec job = job(spec, task, data, "out", 60);
    Plan plan = engine.plan(job);
    assertThat(plan.toString())
        .contains("an adapter of no module", "4 virtual tokens before each text");
    assertThat(engine.forecast(job).memory().counted()).isTrue();
    Run run = engine.train(job);
    double accuracy = run.evaluation().get("eval_accuracy");
    assertThat(engine.evaluate(engine.job(run.adapter()), run.adapter()).metrics())
        .containsEntry("accuracy", accuracy);
    try (Predictor predictor = Predictor.open(PLUGINS, engine.job(run.adapter()), run.adapter())) {
      List<Row> rows =
          TinyBert.reviews(24)
              .lines()
              .map(line -> Json.object(line, "row"))
              .map(
                  row ->
                      Row.of(
                          Map.of(
                              "text", row.path("text").asText(),
                              "label", row.path("label").asText())))
              .toList();
      List<Answer> answers = predictor.predict(Dataset.of("rows", rows));
      long right =
          IntStream.range(0, rows.size())
              .filter(i -> answers.get(i).label().equals(rows.get(i).text("label")))
              .count();
      assertThat(right / (double) rows.size()).isEqualTo(accuracy);
    }
    JobSpec trained = engine.job(run.adapter());
    assertThatThrownBy(
            () ->
                new Merger(PLUGINS).merge(trained, run.adapter(), folder.resolve("merged"), false))
        .hasMessageContaining("puts virtual tokens before each text, which cannot be merged");
  }

  @ParameterizedTest
  @MethodSource("specs")
  void words_are_labelled_behind_the_virtual_tokens(PromptSpec spec) {
    List<String> nouns = List.of("film", "plot");
    List<Map<String, ?>> rows =
        IntStream.range(0, 24)
            .<Map<String, ?>>mapToObj(
                i ->
                    Map.of(
                        "words", List.of("the", nouns.get(i % 2), "was", "good"),
                        "tags", List.of("O", "NOUN", "O", "ADJ")))
            .toList();
    TaskSpec task = TaskSpec.of(TaskSpec.TOKEN_CLASSIFICATION);
    DataSpec data = rows(rows, new ColumnsSpec(null, null, "tags", "words"));
    Run run = engine.train(job(spec, task, data, "out", 80));
    assertThat(run.evaluation().get("eval_accuracy")).isGreaterThan(0.9);
    Answer answer = answer(run, Map.of("words", List.of("the", "plot", "was", "good")));
    assertThat(answer.parts())
        .extracting(Answer.Part::label)
        .containsExactly("O", "NOUN", "O", "ADJ");
  }

  @ParameterizedTest
  @MethodSource("specs")
  void answers_are_found_behind_the_virtual_tokens(PromptSpec spec) {
    List<Map<String, ?>> rows =
        IntStream.range(0, 24)
            .<Map<String, ?>>mapToObj(
                i ->
                    Map.of(
                        "question", "was it good",
                        "context", "the plot " + "and a film ".repeat(i % 3) + "was very bad",
                        "answer", "very bad"))
            .toList();
    TaskSpec task = TaskSpec.of(TaskSpec.QUESTION_ANSWERING);
    DataSpec data = rows(rows, new ColumnsSpec("question", "context", "answer", null));
    Run run = engine.train(job(spec, task, data, "out", 80));
    assertThat(run.evaluation().get("eval_answer_f1")).isGreaterThan(0.8);
    Map<String, String> row = Map.of("question", "was it good", "context", "the plot was very bad");
    assertThat(answer(run, row).label()).isEqualTo("very bad");
  }

  @ParameterizedTest
  @MethodSource("specs")
  void texts_go_on_the_same_with_and_without_the_cache_alone_and_together(PromptSpec spec) {
    Path base = TinyGpt.folder(folder.resolve("gpt"));
    List<Map<String, ?>> rows = List.of(Map.of("text", "count from one two three four five six"));
    DataSpec data =
        rows(rows, new ColumnsSpec("text", null, null, null)).toBuilder().packing(false).build();
    JobSpec job =
        job(spec, TaskSpec.of(TaskSpec.CAUSAL_LM), data, "out", 8)
            .withModel(ModelSpec.of(base.toString()));
    Run run = engine.train(job);
    List<String> prompts = List.of("count from one", "six", "two three four five");
    GenerationSettings greedy = GenerationSettings.greedy(6);
    try (TextGenerator generator = TextGenerator.open(PLUGINS, run.adapter())) {
      var together = generator.generate(prompts, greedy, (_, _) -> {});
      assertThat(generator.generate(prompts, greedy.withoutCache(), (_, _) -> {}))
          .isEqualTo(together);
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(generator.generate(prompts.get(i), greedy)).isEqualTo(together.get(i));
      }
      String tooLong = "one ".repeat(TinyGpt.CONTEXT - 3);
      assertThatThrownBy(() -> generator.generate(tooLong.strip(), greedy))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected %d at the most".formatted(TinyGpt.CONTEXT - 4));
    }
    try (Predictor predictor =
        Predictor.openFeatures(
            PLUGINS, engine.job(run.adapter()), TaskSpec.FEATURE_EXTRACTION, run.adapter())) {
      assertThat(predictor.predict("count from one").scores()).isNotNull();
    }
  }

  @Test
  void texts_leave_room_for_the_virtual_tokens() {
    PromptSpec spec = PromptTuningSpec.builder().virtualTokens(30).build(); // of 40 positions
    String text = "a very good film ".repeat(20).strip();
    DataSpec data =
        rows(
            List.of(Map.of("text", text, "label", "good"), Map.of("text", text, "label", "bad")),
            new ColumnsSpec("text", null, "label", null));
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
    Run run = engine.train(job(spec, task, data, "out", 4));
    assertThat(run.evaluation().get("eval_loss")).isFinite();
    assertThat(answer(run, Map.of("text", text)).label()).isIn("good", "bad");
  }

  @Test
  void a_text_initializes_the_virtual_tokens() {
    PromptSpec spec = PromptTuningSpec.builder().virtualTokens(5).text("good film").build();
    DataSpec data = new TinyJob(folder).reviews(8);
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
    JobSpec job = job(spec, task, data, "out", 4).withOptimizer(OptimizerSpec.of("sgd", 1e-12));
    Run run = engine.train(job);
    int[] expected = {2, 5, 7, 3, 2}; // [CLS] good film [SEP], and again
    try (SafetensorsFile words = SafetensorsFile.open(folder.resolve("base/model.safetensors"));
        SafetensorsFile file = SafetensorsFile.open(run.adapter().resolve(AdapterKeys.FILE));
        var _ = Scope.open()) {
      float[] table = words.tensor("bert.embeddings.word_embeddings.weight").toFloats();
      float[] tokens = file.tensor("prompt_embeddings").toFloats();
      int width = tokens.length / 5;
      for (int i = 0; i < tokens.length; i++) {
        assertThat(tokens[i])
            .isCloseTo(table[expected[i / width] * width + i % width], within(1e-6f));
      }
    }
    ObjectNode config = Json.readObject(run.adapter().resolve(PeftConfig.FILE));
    assertThat(config.path("prompt_tuning_init").asText()).isEqualTo("TEXT");
    assertThat(config.path("tokenizer_name_or_path").asText())
        .isEqualTo(folder.resolve("base").toString());
  }

  /** The encoder is in checkpoints, not in the adapter's file. */
  @Test
  void p_tuning_resumes_with_its_encoder() {
    PTuningSpec spec =
        PTuningSpec.builder()
            .virtualTokens(3)
            .encoder(EncoderType.LSTM)
            .encoderHiddenSize(6)
            .encoderDropout(0.2)
            .build();
    DataSpec data = new TinyJob(folder).reviews(24);
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
    float[] expected = tokens(engine.train(resumable(spec, task, data, "straight", 8, false)));
    engine.train(resumable(spec, task, data, "stopped", 4, false));
    float[] resumed = tokens(engine.train(resumable(spec, task, data, "stopped", 8, true)));
    assertThat(resumed).containsExactly(expected);
  }

  private JobSpec resumable(
      PromptSpec spec, TaskSpec task, DataSpec data, String output, int steps, boolean resume) {
    JobSpec job =
        new TinyJob(folder).job(task, data, output, t -> t.maxSteps(steps).resume(resume));
    return new JobSpec(
        job.model(),
        job.task(),
        spec,
        job.data(),
        job.optimizer(),
        ScheduleSpec.of("constant"),
        job.training());
  }

  private static float[] tokens(Run run) {
    try (SafetensorsFile file = SafetensorsFile.open(run.adapter().resolve(AdapterKeys.FILE));
        var _ = Scope.open()) {
      return file.tensor("prompt_embeddings").toFloats();
    }
  }
}
