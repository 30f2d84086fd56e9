package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.ops.Ops;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A base model without all that its task needs. What starts at random depends on the seed, so an
 * adapter is complete if its answers do not change when the same base is opened with another seed,
 * as transformers opens it with random numbers of its own. PEFT 0.20 gave the probabilities of
 * jlora for the quickstart's adapter with two seeds.
 */
class NewWeightsTest {
  private static final List<String> TEXTS =
      List.of("a very good film", "the plot was bad and it was very bad", "with a film");

  private final Engine engine = new Engine(Plugins.load());

  @TempDir Path folder;

  @Test
  void a_pooler_that_the_base_lacks_is_trained_and_saved_with_the_adapter() {
    JobSpec job = new TinyJob(folder).job("run", t -> t.maxSteps(4).accumulate(1));
    assertThat(engine.plan(job).notes())
        .contains(
            "not in the base model: bert.pooler, classifier, trained in full from random values"
                + " and saved with the adapter");
    Run run = engine.train(job);
    assertThat(config(run).path("modules_to_save").toString())
        .isEqualTo("[\"bert.pooler\",\"classifier\",\"score\"]");
    assertThat(keys(run))
        .contains(
            "base_model.model.bert.pooler.dense.weight", "base_model.model.bert.pooler.dense.bias");
    assertThat(answers(run, 1)).containsExactly(answers(run, 77), within(1e-6));
  }

  @Test
  void a_head_for_hidden_words_on_a_bare_encoder_is_saved_without_the_matrix_it_shares() {
    Path base = TinyBert.folder(folder.resolve("base"));
    bare(base);
    TinyJob tiny = new TinyJob(folder);
    JobSpec job =
        tiny.job(
            TaskSpec.of(TaskSpec.MASKED_LM),
            tiny.reviews(16),
            "run",
            t -> t.maxSteps(2).accumulate(1));
    assertThat(engine.plan(job).notes())
        .anyMatch(note -> note.startsWith("not in the base model: cls.predictions.transform,"));
    Run run = engine.train(job);
    assertThat(config(run).path("modules_to_save").toString())
        .isEqualTo("[\"cls.predictions.transform\"]");
    assertThat(keys(run))
        .contains("base_model.model.cls.predictions.transform.LayerNorm.weight")
        .noneMatch(key -> key.contains("decoder") || key.contains("word_embeddings"));
    JobSpec other = engine.job(run.adapter());
    other = other.withTraining(other.training().toBuilder().seed(99).build());
    assertThat(engine.evaluate(other, run.adapter()).loss())
        .isEqualTo(engine.evaluate(engine.job(run.adapter()), run.adapter()).loss(), within(1e-6));
  }

  @Test
  void a_base_that_has_everything_is_planned_as_before() {
    Path base = TinyBert.folder(folder.resolve("base"));
    TinyJob tiny = new TinyJob(folder);
    JobSpec job =
        tiny.job(TaskSpec.of(TaskSpec.MASKED_LM), tiny.reviews(16), "run", t -> t.maxSteps(2));
    assertThat(base).isDirectory();
    assertThat(engine.plan(job).notes()).noneMatch(note -> note.contains("not in the base"));
  }

  /** Leaves the encoder alone in a checkpoint, as {@code BertModel} saves it. */
  private static void bare(Path base) {
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      try (SafetensorsFile file = SafetensorsFile.open(base.resolve("model.safetensors"))) {
        file.entries().keySet().stream()
            .filter(name -> name.startsWith("bert."))
            .forEach(name -> tensors.put(name, Ops.clone(file.tensor(name))));
      }
      SafetensorsWriter.write(base.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }
    var config = Json.readObject(base.resolve("config.json"));
    config.putArray("architectures").add("BertModel");
    Json.write(base.resolve("config.json"), config);
  }

  private double[] answers(Run run, long seed) {
    JobSpec job = engine.job(run.adapter());
    JobSpec seeded = job.withTraining(job.training().toBuilder().seed(seed).build());
    try (Predictor predictor = Predictor.open(Plugins.load(), seeded, run.adapter())) {
      return predictor.predict(TEXTS).stream().mapToDouble(Answer::score).toArray();
    }
  }

  private static com.fasterxml.jackson.databind.JsonNode config(Run run) {
    return Json.readObject(run.adapter().resolve("adapter_config.json"));
  }

  private static List<String> keys(Run run) {
    try (var file = SafetensorsFile.open(run.adapter().resolve("adapter_model.safetensors"))) {
      return List.copyOf(file.entries().keySet());
    }
  }
}
