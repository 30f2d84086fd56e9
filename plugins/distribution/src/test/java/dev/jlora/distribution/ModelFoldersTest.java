package dev.jlora.distribution;

import static dev.jlora.Jlora.evaluate;
import static dev.jlora.Jlora.features;
import static dev.jlora.Jlora.generator;
import static dev.jlora.Jlora.merge;
import static dev.jlora.Jlora.predictor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.cli.Main;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import dev.jlora.spi.Answer;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Folders that no run wrote are opened by what their own files say, in Java and by commands. */
class ModelFoldersTest {
  private static final String TEXT = "a very good film";

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void a_merged_model_answers_without_its_run_in_one_file_or_in_shards() throws IOException {
    Run run = trained();
    Answer expected;
    try (Predictor adapted = predictor(run.adapter())) {
      expected = adapted.predict(TEXT);
    }
    Path merged = merge(run.adapter(), folder.resolve("elsewhere/merged")).folder();
    Path sharded = shards(merged, folder.resolve("sharded"));
    Path rows = new TinyJob(folder).rows("usual.csv", "Sentence,Label\na good film,good\n");
    for (Path model : List.of(merged, sharded)) {
      try (Predictor whole = predictor(model)) {
        Answer answer = whole.predict(TEXT);
        assertThat(answer.label()).isEqualTo(expected.label());
        assertThat(answer.scores().get("good"))
            .isCloseTo(expected.scores().get("good"), org.assertj.core.api.Assertions.within(1e-5));
      }
      assertThat(evaluate(model, rows).rows()).isEqualTo(1);
      assertThat(command("predict", model.toString(), TEXT)).isZero();
      assertThat(out.toString()).contains(expected.label());
      assertThat(command("eval", model.toString(), "--test", rows.toString())).isZero();
      assertThat(out.toString()).startsWith("1 row, ");
      assertThat(command("predict", model.toString(), TEXT, "--features", "mean")).isZero();
    }
  }

  /** A job that someone wrote for a run to come is not that of the models beside it. */
  @Test
  void a_job_beside_a_model_is_not_the_model_s() throws IOException {
    Path model = classifier();
    Files.writeString(
        folder.resolve("job.json"),
        """
        {"model": {"path": "no-such-model"}, "adapter": null,
         "task": {"name": "sequence-classification", "labels": ["up", "down"]},
         "data": {"train": "no-such-rows.jsonl"}, "training": {"output": "out"}}
        """);
    Path rows = new TinyJob(folder).rows("usual.csv", "sentence,label\na good film,good\n");
    assertThat(evaluate(model, rows).rows()).isEqualTo(1);
    try (Predictor whole = predictor(model)) {
      assertThat(whole.predict(TEXT).scores()).containsOnlyKeys("bad", "good");
    }
  }

  @Test
  void an_evaluation_without_rows_asks_for_them() {
    Path model = classifier();
    assertThat(command("eval", model.toString())).isOne();
    assertThat(err.toString()).contains("got none, expected a file of rows to evaluate on");
  }

  @Test
  void a_sharded_model_is_not_merged_over() throws IOException {
    Run run = trained();
    Path target = shards(classifier(), folder.resolve("target"));
    byte[] config = Files.readAllBytes(target.resolve("config.json"));
    assertThatThrownBy(() -> merge(run.adapter(), target))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("target: holds a model already");
    assertThat(target.resolve("config.json")).hasBinaryContent(config);
    assertThat(target.resolve("model.safetensors")).doesNotExist();
    assertThat(command("merge", run.adapter().toString(), target.toString(), "--overwrite"))
        .as(err.toString())
        .isZero();
    assertThat(target.resolve(Checkpoint.INDEX)).doesNotExist();
    assertThat(target.resolve("part-1.safetensors")).doesNotExist();
    try (Checkpoint checkpoint = Checkpoint.open(target)) {
      assertThat(checkpoint.files()).containsExactly(target.resolve("model.safetensors"));
    }
  }

  @Test
  void pickled_weights_are_explained() throws IOException {
    Path model = classifier();
    Files.move(model.resolve("model.safetensors"), model.resolve("pytorch_model.bin"));
    assertThatThrownBy(() -> predictor(model))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has pytorch_model.bin but no model.safetensors")
        .hasMessageContaining("save_pretrained");
    Run run = trained();
    assertThatThrownBy(() -> merge(run.adapter(), model))
        .hasMessageContaining("holds a model already");
  }

  @Test
  void a_model_without_a_head_says_what_it_is_good_for() {
    Path model = TinyBert.folder(folder.resolve("headless"));
    architecture(model, "BertModel");
    assertThatThrownBy(() -> predictor(model))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("headless: holds BertModel, which has no task head")
        .hasMessageContaining("BertForSequenceClassification (sequence-classification)")
        .hasMessageContaining("--features")
        .hasMessageContaining("train");
    try (Predictor vectors = features(model)) {
      assertThat(vectors.predict(TEXT).vector()).hasSize(32);
    }
    assertThat(command("predict", model.toString(), TEXT, "--features", "cls")).isZero();
    assertThat(command("predict", model.toString(), TEXT)).isOne();
    assertThat(err.toString()).contains("holds BertModel, which has no task head");
  }

  /** As PEFT leaves an adapter: without job.json, its base named from where Python ran. */
  @Test
  void an_adapter_without_a_job_is_opened_on_its_base() throws IOException {
    Run run = trained();
    Path adapter = Files.createDirectories(folder.resolve("from-peft"));
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(run.adapter().resolve(name), adapter.resolve(name));
    }
    Answer expected;
    try (Predictor adapted = predictor(run.adapter())) {
      expected = adapted.predict(TEXT);
    }
    try (Predictor named = predictor(adapter)) {
      assertThat(named.predict(TEXT).scores().values())
          .containsExactlyElementsOf(expected.scores().values());
      assertThat(named.predict(TEXT).scores()).containsOnlyKeys("LABEL_0", "LABEL_1");
    }
    Path moved = folder.resolve("moved");
    Files.move(folder.resolve("base"), moved);
    assertThatThrownBy(() -> predictor(adapter))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("says that its base is '" + folder.resolve("base") + "'")
        .hasMessageContaining("--base DIR");
    try (Predictor given = predictor(adapter, moved)) {
      assertThat(given.predict(TEXT).scores().values())
          .containsExactlyElementsOf(expected.scores().values());
    }
  }

  @Test
  void an_adapter_with_one_output_answers_with_a_number() throws IOException {
    Path rows =
        new TinyJob(folder)
            .rows("scores.jsonl", "{\"text\": \"a good film\", \"label\": 0.5}\n".repeat(4));
    JobSpec job =
        new TinyJob(folder)
            .job(
                TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION).withProblem(Problem.REGRESSION),
                DataSpec.builder().train(rows.toString()).build(),
                "scores",
                t -> t.maxSteps(2));
    Run run = new Engine(Plugins.load()).train(job);
    Path adapter = folder.resolve("of-scores");
    copy(run.adapter(), adapter, "adapter_config.json", "adapter_model.safetensors");
    try (Predictor ofRun = predictor(run.adapter());
        Predictor alone = predictor(adapter)) {
      assertThat(alone.predict(TEXT).score()).isEqualTo(ofRun.predict(TEXT).score());
    }
  }

  /** PEFT has no task type for images: the head that the adapter brings tells the task. */
  @Test
  void an_adapter_of_images_tells_its_task_by_the_head_it_brings() throws IOException {
    Path base = folder.resolve("vit");
    copy(
        Path.of("src/test/resources/goldens/vit-imgcls/base"),
        base,
        "config.json",
        "model.safetensors");
    architecture(base, "ViTModel");
    String row = image() + ",%s\n";
    Path table =
        new TinyJob(folder)
            .rows(
                "three.csv",
                "image,label\n" + row.formatted("a") + row.formatted("b") + row.formatted("c"));
    JobSpec job =
        new TinyJob(folder)
            .job(
                TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION),
                DataSpec.builder().train(table.toString()).build(),
                "images",
                t -> t.maxSteps(2));
    Run run = new Engine(Plugins.load()).train(job.withModel(ModelSpec.of(base.toString())));
    Path adapter = folder.resolve("of-images");
    copy(run.adapter(), adapter, "adapter_config.json", "adapter_model.safetensors");
    try (Predictor ofRun = predictor(run.adapter());
        Predictor alone = predictor(adapter)) {
      String image = image().toString();
      assertThat(alone.predict(image).scores()).containsOnlyKeys("LABEL_0", "LABEL_1", "LABEL_2");
      assertThat(alone.predict(image).scores().values())
          .containsExactlyElementsOf(ofRun.predict(image).scores().values());
    }
  }

  @Test
  void a_language_model_writes_whoever_saved_it() {
    Path base = TinyGpt.folder(folder.resolve("gpt"));
    TinyJob tiny = new TinyJob(folder);
    Path rows = tiny.rows("count.jsonl", "{\"text\": \"count one two three four\"}\n");
    JobSpec job =
        tiny.job(
                TaskSpec.of(TaskSpec.CAUSAL_LM),
                DataSpec.builder().train(rows.toString()).maxLength(8).build(),
                "lm",
                t -> t.maxSteps(2))
            .withModel(ModelSpec.of(base.toString()));
    JobSpec full =
        new JobSpec(
            job.model(),
            job.task(),
            null,
            job.data(),
            job.optimizer(),
            job.schedule(),
            job.training());
    Run run = new Engine(Plugins.load()).train(full);
    Path merged = folder.resolve("plain");
    copy(run.adapter(), merged, "config.json", "tokenizer.json", "model.safetensors");
    var settings = GenerationSettings.greedy(4);
    try (var ofRun = generator(run.adapter());
        var ofFolder = generator(merged)) {
      assertThat(ofRun.generate("count", settings).text())
          .isEqualTo(ofFolder.generate("count", settings).text());
    }
    assertThat(command("predict", merged.toString(), "count")).isZero();
    assertThat(err.toString()).contains("predict returns only the next token; generate writes");
    Path classifier = classifier();
    assertThatThrownBy(() -> generator(classifier))
        .hasMessageContaining("Task causal-lm: the bert family has no model for it");
  }

  @Test
  void a_model_of_images_tells_its_task() {
    String base = "src/test/resources/goldens/vit-imgcls/base";
    assertThat(command("predict", base, "src/test/resources/images/exif1.jpg"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("LABEL_2");
    Path rows =
        new TinyJob(folder).rows("images.csv", "file,label\n%s,LABEL_1\n".formatted(image()));
    assertThat(command("eval", base, "--test", rows.toString())).as(err.toString()).isZero();
    Path table =
        new TinyJob(folder).rows("train.csv", "image,label\n%s,LABEL_1\n".formatted(image()));
    assertThat(command("plan", "--model", base, "--train", table.toString(), "--print"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("\"name\" : \"image-classification\"");
  }

  private static Path image() {
    return Path.of("src/test/resources/images/exif1.jpg").toAbsolutePath();
  }

  private Run trained() {
    return new Engine(Plugins.load()).train(new TinyJob(folder).job("run", t -> t.maxSteps(2)));
  }

  /** A folder as transformers saves a classifier. */
  private Path classifier() {
    Run run = new Engine(Plugins.load()).train(new TinyJob(folder).job("made", t -> t.maxSteps(1)));
    return merge(run.adapter(), folder.resolve("classifier")).folder();
  }

  private static void architecture(Path model, String name) {
    var config = Json.readObject(model.resolve("config.json"));
    config.putArray("architectures").add(name);
    Json.write(model.resolve("config.json"), config);
  }

  private static void copy(Path from, Path to, String... names) {
    try {
      Files.createDirectories(to);
      for (String name : names) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The same model in two files behind an index. */
  private static Path shards(Path model, Path target) {
    copy(model, target, "config.json", "tokenizer.json");
    Map<String, String> places = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(model);
        Scope _ = Scope.open()) {
      List<String> names = new ArrayList<>(checkpoint.names());
      for (int part = 0; part < 2; part++) {
        Map<String, Tensor> some = new LinkedHashMap<>();
        String file = "part-%d.safetensors".formatted(part + 1);
        for (int i = part; i < names.size(); i += 2) {
          some.put(names.get(i), checkpoint.tensor(names.get(i)));
          places.put(names.get(i), file);
        }
        SafetensorsWriter.write(target.resolve(file), some);
      }
    }
    Json.write(target.resolve(Checkpoint.INDEX), Map.of("weight_map", places));
    return target;
  }

  private int command(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    return line.setErr(new PrintWriter(err)).execute(arguments);
  }
}
