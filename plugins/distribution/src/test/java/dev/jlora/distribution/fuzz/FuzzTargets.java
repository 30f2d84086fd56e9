package dev.jlora.distribution.fuzz;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.conformance.Conformance;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.host.Plugins;
import dev.jlora.io.PickledTensors;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Every kind of file that jlora reads. Tokenizers and plugins have fuzzers of their own. */
final class FuzzTargets {
  private static final Plugins PLUGINS = Plugins.load();
  private static final Engine ENGINE = new Engine(PLUGINS);

  private static final Mutator BYTES = new ByteMutator();
  private static final Mutator TEXT = new TextMutator();
  private static final Mutator JSON = new JsonMutator();
  private static final Mutator SAFETENSORS =
      Mutator.oneOf(BYTES, ContainerMutators.safetensors(), ContainerMutators.safetensors());

  private FuzzTargets() {}

  static List<FuzzTarget> all() {
    return Stream.of(models(), adapters(), runs(), tables(), images(), cases())
        .flatMap(List::stream)
        .toList();
  }

  private static List<FuzzTarget> models() {
    return List.of(
        new FuzzTarget("base/config.json", 2, JSON, fixture -> predict(fixture, "base")),
        new FuzzTarget("base/model.safetensors", 2, SAFETENSORS, f -> predict(f, "base")),
        new FuzzTarget("sharded/model.safetensors.index.json", 1, JSON, f -> predict(f, "sharded")),
        new FuzzTarget(
            "sharded/model-00001-of-00002.safetensors", 1, SAFETENSORS, f -> predict(f, "sharded")),
        new FuzzTarget("gpt/config.json", 2, JSON, f -> generate(f, "gpt")),
        new FuzzTarget("gpt/generation_config.json", 1, JSON, f -> generate(f, "gpt")),
        new FuzzTarget("llama/config.json", 2, JSON, f -> generate(f, "llama")),
        new FuzzTarget("base/tokenizer_config.json", 1, JSON, f -> predict(f, "base")),
        new FuzzTarget("gpt/tokenizer_config.json", 1, JSON, f -> generate(f, "gpt")),
        new FuzzTarget("llama/tokenizer_config.json", 1, JSON, f -> generate(f, "llama")),
        new FuzzTarget("vit/config.json", 2, JSON, f -> see(f, "images-png/LABEL_3/0.png")),
        new FuzzTarget(
            "vit/preprocessor_config.json", 2, JSON, f -> see(f, "images-png/LABEL_3/0.png")));
  }

  private static List<FuzzTarget> adapters() {
    return List.of(
        new FuzzTarget("run/adapter_config.json", 2, JSON, f -> predict(f, "base")),
        new FuzzTarget("run/adapter_model.safetensors", 2, SAFETENSORS, f -> predict(f, "base")),
        new FuzzTarget(Fixture.PICKLED, 2, BYTES, FuzzTargets::unpickle));
  }

  private static List<FuzzTarget> runs() {
    return List.of(
        new FuzzTarget("run/job.json", 3, JSON, FuzzTargets::plan),
        new FuzzTarget("run/checkpoint-8/resume.json", 2, JSON, FuzzTargets::resume),
        new FuzzTarget("run/checkpoint-8/trainer_state.json", 1, JSON, FuzzTargets::resume),
        new FuzzTarget(
            "run/checkpoint-8/optimizer.safetensors", 1, SAFETENSORS, FuzzTargets::resume),
        new FuzzTarget("run/checkpoint-8/adapter_config.json", 1, JSON, FuzzTargets::resume),
        new FuzzTarget(
            "run/checkpoint-8/adapter_model.safetensors", 1, SAFETENSORS, FuzzTargets::resume));
  }

  private static List<FuzzTarget> tables() {
    return List.of(
        new FuzzTarget(
            "rows.jsonl", 3, Mutator.oneOf(TEXT, TEXT, BYTES), f -> train(f, "rows.jsonl")),
        new FuzzTarget("rows.csv", 2, Mutator.oneOf(TEXT, TEXT, BYTES), f -> train(f, "rows.csv")),
        new FuzzTarget("rows.tsv", 2, Mutator.oneOf(TEXT, TEXT, BYTES), f -> train(f, "rows.tsv")),
        new FuzzTarget("rows.csv.gz", 1, BYTES, f -> train(f, "rows.csv.gz")),
        new FuzzTarget(
            "rows.jsonl.gz",
            1,
            Mutator.oneOf(BYTES, ContainerMutators.gzip(TEXT)),
            f -> train(f, "rows.jsonl.gz")));
  }

  private static List<FuzzTarget> images() {
    return List.of(
        new FuzzTarget(
            "images-png/LABEL_3/0.png",
            2,
            Mutator.oneOf(BYTES, ContainerMutators.png()),
            f -> look(f, "images-png")),
        new FuzzTarget("images-jpg/LABEL_3/0.jpg", 2, BYTES, f -> look(f, "images-jpg")),
        new FuzzTarget("images-gif/LABEL_3/0.gif", 1, BYTES, f -> look(f, "images-gif")),
        new FuzzTarget("images-bmp/LABEL_3/0.bmp", 1, BYTES, f -> look(f, "images-bmp")),
        new FuzzTarget("images-tif/LABEL_3/0.tif", 1, BYTES, f -> look(f, "images-tif")),
        new FuzzTarget("images-webp/LABEL_3/0.webp", 1, BYTES, f -> look(f, "images-webp")),
        new FuzzTarget("images.zip", 1, BYTES, f -> look(f, "images.zip")));
  }

  private static List<FuzzTarget> cases() {
    return List.of(
        new FuzzTarget("case/case.json", 1, JSON, FuzzTargets::conform),
        new FuzzTarget("case/inputs.safetensors", 1, SAFETENSORS, FuzzTargets::conform),
        new FuzzTarget("case/expected.safetensors", 1, SAFETENSORS, FuzzTargets::conform));
  }

  private static void conform(Fixture fixture) {
    new Conformance(PLUGINS).check(fixture.folder().resolve("case"));
  }

  private static void predict(Fixture fixture, String base) {
    Path run = fixture.folder().resolve(Fixture.RUN);
    JobSpec job =
        fixture
            .job("rows.jsonl")
            .withModel(ModelSpec.of(fixture.path(base)))
            .withTask(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "bad", "good"));
    try (Predictor predictor = Predictor.open(PLUGINS, job, run)) {
      predictor.predict("a good film");
    }
  }

  private static void unpickle(Fixture fixture) {
    try (var file = PickledTensors.open(fixture.folder().resolve(Fixture.PICKLED));
        var _ = Scope.open()) {
      file.names().forEach(file::tensor);
    }
  }

  private static void generate(Fixture fixture, String model) {
    try (TextGenerator generator = TextGenerator.open(PLUGINS, fixture.folder().resolve(model))) {
      generator.generate("one two", GenerationSettings.greedy(3));
    }
  }

  private static void see(Fixture fixture, String image) {
    JobSpec job = fixture.imageJob("images-png");
    try (Predictor predictor = Predictor.open(PLUGINS, job, null)) {
      predictor.predict(fixture.path(image));
    }
  }

  private static void plan(Fixture fixture) {
    JobSpec job = Jlora.job(fixture.folder().resolve("run/job.json"));
    ENGINE.plan(job);
    try (Predictor predictor = Predictor.open(PLUGINS, job, fixture.folder().resolve("run"))) {
      predictor.predict("a good film");
    }
  }

  private static void resume(Fixture fixture) throws IOException {
    ENGINE.train(fixture.resumed());
  }

  private static void train(Fixture fixture, String rows) {
    ENGINE.train(fixture.job(rows));
  }

  private static void look(Fixture fixture, String images) {
    ENGINE.train(fixture.imageJob(images));
  }
}
