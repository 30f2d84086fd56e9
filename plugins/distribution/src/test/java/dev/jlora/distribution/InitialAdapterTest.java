package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.TaskSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training that begins with the weights of a saved adapter, and rows in the order of their file.
 */
class InitialAdapterTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  /**
   * A rate so small that a step of AdamW rounds to nothing: the weights stay those it began with.
   */
  private JobSpec still(String output, String start, @Nullable AdapterSpec adapter) {
    JobSpec job = new TinyJob(folder).job(output, t -> t.maxSteps(1).evaluate(Interval.steps(1)));
    return new JobSpec(
        job.model().withAdapter(start),
        job.task(),
        adapter,
        job.data(),
        OptimizerSpec.of("adamw", 1e-30),
        job.schedule(),
        job.training());
  }

  @Test
  void it_begins_with_the_weights_and_settings_of_the_adapter() throws IOException {
    Run first = engine.train(new TinyJob(folder).job("first", t -> t.evaluate(Interval.steps(12))));
    String start = first.adapter().toString();
    Run second = engine.train(still("second", start, null));
    assertThat(Interrupted.weights(second)).isEqualTo(Interrupted.weights(first));
    assertThat(second.evaluation().get("eval_loss"))
        .isCloseTo(first.evaluation().get("eval_loss"), within(1e-9));
    JobSpec written = engine.job(second.adapter());
    assertThat(((LoraSpec) written.adapter()).rank()).isEqualTo(4);
    assertThat(((LoraSpec) written.adapter()).alpha()).isEqualTo(16);
    assertThat(written.model().adapter()).isEqualTo(start);

    AdapterSpec same =
        LoraSpec.builder().rank(4).alpha(16).dropout(0.5).targets("value", "query").build();
    Run third = engine.train(still("third", start, same));
    assertThat(((LoraSpec) engine.job(third.adapter()).adapter()).dropout()).isEqualTo(0.5);
    assertThat(Interrupted.weights(third)).isEqualTo(Interrupted.weights(first));
  }

  @Test
  void settings_that_differ_are_refused_with_both() {
    Run first = engine.train(new TinyJob(folder).job("first", t -> t.maxSteps(1)));
    AdapterSpec other = LoraSpec.builder().rank(2).alpha(16).targets("query").build();
    assertThatThrownBy(() -> engine.train(still("out", first.adapter().toString(), other)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("first: does not fit the adapter of the job:")
        .hasMessageContaining("adapter.rank: the saved adapter has 4, the job says 2")
        .hasMessageContaining(
            "adapter.target_modules: the saved adapter has [\"query\",\"value\"], the job says"
                + " [\"query\"]")
        .hasMessageContaining("Leave the settings of the adapter out");
    assertThatThrownBy(() -> engine.train(still("out", folder.toString(), null)))
        .hasMessageContaining("holds no adapter to start from")
        .hasMessageContaining("--adapter DIR");
    assertThatThrownBy(() -> engine.train(still("first", first.adapter().toString(), null)))
        .hasMessageContaining("first: is the folder of the adapter to start from itself");
  }

  /** PEFT 0.20 saved it (goldens/README.md); a step without effect has to write it again. */
  @Test
  void an_adapter_of_peft_is_trained_on() throws IOException {
    Path golden = Path.of("src/test/resources/goldens/lora-bert-seqcls");
    Path start = golden.resolve("adapter_final");
    Path model = Files.createDirectories(folder.resolve("peft-base"));
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(golden.resolve("base").resolve(name), model.resolve(name));
    }
    Files.copy(
        TinyBert.folder(folder.resolve("tokens")).resolve("tokenizer.json"),
        model.resolve("tokenizer.json"));
    String rows =
        """
        {"text": "a good film", "label": "LABEL_0"}
        {"text": "a bad film", "label": "LABEL_1"}
        {"text": "it was a film", "label": "LABEL_2"}
        """;
    Path file = new TinyJob(folder).rows("three.jsonl", rows);
    JobSpec job =
        still("out", start.toString(), null)
            .withModel(ModelSpec.of(model.toString()).withAdapter(start.toString()))
            .withTask(
                TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "LABEL_0", "LABEL_1", "LABEL_2"))
            .withData(DataSpec.builder().train(file.toString()).build());
    Run run = engine.train(job);
    try (var before = SafetensorsFile.open(start.resolve("adapter_model.safetensors"));
        var after = SafetensorsFile.open(run.adapter().resolve("adapter_model.safetensors"))) {
      assertThat(after.entries().keySet()).isEqualTo(before.entries().keySet());
      for (String name : before.entries().keySet()) {
        assertThat(after.bytes(name).mismatch(before.bytes(name))).as(name).isEqualTo(-1);
      }
    }
  }

  @Test
  void rows_come_in_the_order_of_the_file_whatever_the_seed() throws IOException {
    assertThat(weights(1, false)).isEqualTo(weights(2, false));
    assertThat(weights(1, true)).isNotEqualTo(weights(2, true));
  }

  private byte[] weights(long seed, boolean shuffle) throws IOException {
    JobSpec job =
        new TinyJob(folder)
            .job("order-" + seed + shuffle, t -> t.maxSteps(4).save(Interval.never()));
    JobSpec ordered =
        job.withData(job.data().toBuilder().shuffleSeed(seed).shuffle(shuffle).build());
    return Interrupted.weights(engine.train(ordered));
  }

  @Test
  void a_run_finds_its_base_from_its_job_after_a_move_and_says_where_it_looked()
      throws IOException {
    Path home = Files.createDirectories(folder.resolve("home"));
    JobSpec job = new TinyJob(home).job("runs/x", t -> t.maxSteps(1));
    engine.train(job);
    Path file = home.resolve("runs/x/job.json");
    Files.writeString(
        file, Files.readString(file).replace(home + "/base", "base")); // as typed in that folder
    Path moved = Files.move(home, folder.resolve("elsewhere"));
    Path run = moved.resolve("runs/x");
    try (var predictor = Jlora.predictor(run)) {
      assertThat(predictor.predict("a good film").label()).isIn("good", "bad");
    }
    Path base = Files.move(moved.resolve("base"), folder.resolve("models"));
    assertThatThrownBy(() -> Jlora.predictor(run))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("job.json: says that its base is 'base', which is no model's folder")
        .hasMessageContaining("neither from here (" + Path.of("").toAbsolutePath() + ")")
        .hasMessageContaining("--base DIR, or predictor(run, base) in Java");
    try (var predictor = Jlora.predictor(run, base)) {
      assertThat(predictor.predict("a good film").label()).isIn("good", "bad");
    }
    assertThat(Jlora.merge(run, folder.resolve("merged"), base).folder().resolve("config.json"))
        .exists();
  }
}
