package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.jlora.Jlora;
import dev.jlora.adapters.LoraMethod;
import dev.jlora.engine.Engine;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adapters that PEFT saved, with its options that change the names in a file: they give PEFT's
 * logits here. {@code resources/peft/make.py} made them.
 */
class PeftFilesTest {
  private static final Path CASES = Path.of("src/test/resources/peft");
  private static final String FILE = "adapter_model.safetensors";

  @TempDir Path folder;
  private final Plugins plugins = Plugins.load();

  static List<Path> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      return folders.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logits_are_pefts_as_loaded_as_written_again_and_merged(Path one) {
    Path again = folder.resolve("again");
    try (var _ = Scope.open();
        LoadedModel model = model(one)) {
      assertLogits(model.network(), one, "base");
      Adapter adapter = load(model.network(), one.resolve("adapter"));
      assertLogits(model.network(), one, "logits");
      adapter.save(again);
      model.network().merge();
      assertLogits(model.network(), one, "logits");
    }
    if (Json.readObject(one.resolve("case.json")).path("keys").asText().equals("saved")) {
      assertThat(keys(again)).containsAll(keys(one.resolve("adapter")));
    }
    try (var _ = Scope.open();
        LoadedModel model = model(one)) {
      load(model.network(), again);
      assertLogits(model.network(), one, "logits");
    }
  }

  @Test
  void the_weights_of_gpt2_are_said_to_lie_the_other_way_round() {
    Path one = CASES.resolve("gpt2-fan-in-fan-out");
    try (LoadedModel model = model(one)) {
      load(model.network(), one.resolve("adapter")).save(folder.resolve("again"));
    }
    for (Path adapter : List.of(one.resolve("adapter"), folder.resolve("again"))) {
      var config = Json.readObject(adapter.resolve("adapter_config.json"));
      assertThat(config.get("fan_in_fan_out").asBoolean()).as("" + adapter).isTrue();
    }
  }

  @Test
  void pickled_weights_are_read_like_safetensors() throws IOException {
    Path adapter = CASES.resolve("bert-other-names/adapter");
    Files.copy(adapter.resolve("adapter_config.json"), folder.resolve("adapter_config.json"));
    TorchZip.write(
        adapter.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.bin"));
    List<Map<String, float[]>> read = new ArrayList<>();
    for (Path one : List.of(adapter, folder)) {
      try (LoadedModel model = model(CASES.resolve("bert-other-names"))) {
        Map<String, float[]> values = new LinkedHashMap<>();
        load(model.network(), one)
            .parameters()
            .forEach(it -> values.put(it.name(), it.value().toFloats()));
        read.add(values);
      }
    }
    assertThat(read.getFirst()).isNotEmpty();
    read.getFirst()
        .forEach((name, values) -> assertThat(read.getLast().get(name)).isEqualTo(values));
    assertThat(read.getLast()).hasSameSizeAs(read.getFirst());
  }

  @Test
  void damaged_pickled_weights_are_refused() throws IOException {
    Path one = CASES.resolve("bert-other-names");
    Files.copy(one.resolve("adapter/adapter_config.json"), folder.resolve("adapter_config.json"));
    Files.write(folder.resolve("adapter_model.bin"), new byte[] {'P', 'K', 3, 4});
    try (LoadedModel model = model(one)) {
      assertThatThrownBy(() -> load(model.network(), folder))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("adapter_model.bin: is not a complete zip archive");
    }
  }

  /** A step without effect writes the weights it began with. */
  @ParameterizedTest
  @ValueSource(strings = {"bert-other-names", "bert-bias-all-pooler", "bert-untied-decoder"})
  void training_starts_from_an_adapter_whose_names_match_in_part(String name) throws IOException {
    Path start = CASES.resolve(name).resolve("adapter");
    var engine = new Engine(plugins);
    var job = job(name, null);
    assertThat(engine.plan(job).notes().stream().filter(note -> note.startsWith("no effect:")))
        .hasSize(name.equals("bert-other-names") ? 4 : 0);
    Path written = engine.train(job).adapter();
    try (var before = SafetensorsFile.open(start.resolve(FILE));
        var after = SafetensorsFile.open(written.resolve(FILE))) {
      assertThat(after.entries().keySet()).containsAll(before.entries().keySet());
      for (String key : before.entries().keySet()) {
        assertThat(after.bytes(key).mismatch(before.bytes(key))).as(key).isEqualTo(-1);
      }
    }
  }

  /** With an adapter that trains the decoder for itself, the merged model is not tied. */
  @Test
  void a_merged_masked_language_model_with_an_untied_decoder_opens_again() {
    JobSpec job = new TinyJob(folder).job("masked", t -> t.maxSteps(3));
    LoraSpec lora = ((LoraSpec) job.adapter()).toBuilder().modulesToSave("decoder").build();
    var engine = new Engine(plugins);
    Path run =
        engine.train(job.withTask(TaskSpec.of(TaskSpec.MASKED_LM)).withAdapter(lora)).adapter();
    Path merged = Jlora.merge(run, folder.resolve("merged")).folder();
    assertThat(Json.readObject(merged.resolve("config.json")).get("tie_word_embeddings"))
        .isEqualTo(BooleanNode.FALSE);
    float[] logits;
    try (var _ = Scope.open();
        LoadedModel model = load(folder.resolve("base"), "BertForMaskedLM")) {
      load(model.network(), run);
      logits = maskedLogits(model.network());
    }
    try (var _ = Scope.open();
        LoadedModel model = load(merged, "BertForMaskedLM")) {
      assertThat(maskedLogits(model.network())).containsExactly(logits, offset(1e-5f));
    }
  }

  private static Adapter load(Network network, Path adapter) {
    return network.adapt(new LoraMethod().saved(network.plan(), adapter).read(network, adapter));
  }

  private static float[] maskedLogits(Network network) {
    var ids = Tensor.of(new long[] {2, 9, 13, 4, 7, 3}, 1, 6);
    return network
        .forward(Map.of("input_ids", ids), ForwardContext.inference())
        .logits()
        .toFloats();
  }

  @Test
  void a_module_that_the_job_adds_has_to_exist() {
    LoraSpec saved = new LoraMethod().read(CASES.resolve("bert-other-names").resolve("adapter"));
    AdapterSpec added = saved.toBuilder().modulesToSave("poler").build();
    assertThatThrownBy(() -> new Engine(plugins).plan(job("bert-other-names", added)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("modules_to_save: 'poler' names no module")
        .hasMessageContaining("'pooler'");
  }

  private JobSpec job(String name, @Nullable AdapterSpec adapter) {
    Path base = TinyBert.folder(folder.resolve("base"), CASES.resolve(name).resolve("base"));
    String start = CASES.resolve(name).resolve("adapter").toString();
    boolean masked = name.endsWith("decoder");
    JobSpec job =
        new TinyJob(folder)
            .job(
                masked
                    ? TaskSpec.of(TaskSpec.MASKED_LM)
                    : TaskSpec.of(
                        TaskSpec.SEQUENCE_CLASSIFICATION, "LABEL_0", "LABEL_1", "LABEL_2"),
                new TinyJob(folder).reviews(8),
                "run",
                t -> t.maxSteps(1));
    String rows =
        TinyBert.reviews(8)
            .replace("\"label\": \"good\"", "\"label\": \"LABEL_0\"")
            .replace("\"label\": \"bad\"", "\"label\": \"LABEL_2\"");
    String file = new TinyJob(folder).rows("rows.jsonl", rows).toString();
    return new JobSpec(
        ModelSpec.of(base.toString()).withAdapter(start),
        job.task(),
        adapter,
        job.data().toBuilder().train(file).validation(file).maxLength(12).build(),
        OptimizerSpec.of("adamw", 1e-30),
        job.schedule(),
        job.training());
  }

  private LoadedModel model(Path one) {
    String architecture = Json.readObject(one.resolve("case.json")).get("architecture").asText();
    return load(one.resolve("base"), architecture);
  }

  private LoadedModel load(Path folder, String architecture) {
    ModelFolder base = ModelFolder.open(folder);
    return new ModelLoader(plugins)
        .load(base, base.config(), architecture, false, Precision.FP32, 0, Device.CPU);
  }

  private static void assertLogits(Network network, Path one, String name) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    try (var inputs = SafetensorsFile.open(one.resolve("inputs.safetensors"));
        var expected = SafetensorsFile.open(one.resolve("expected.safetensors"))) {
      inputs.entries().keySet().forEach(key -> batch.put(key, inputs.tensor(key)));
      float[] wanted = expected.tensor(name).toFloats();
      float[] got = network.forward(batch, ForwardContext.inference()).logits().toFloats();
      assertThat(got).hasSameSizeAs(wanted);
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i]).as("%s of %s at %d", name, one, i).isCloseTo(wanted[i], within(5e-6f));
      }
    }
  }

  private static Set<String> keys(Path adapter) {
    try (var file = SafetensorsFile.open(adapter.resolve(FILE))) {
      return Set.copyOf(file.entries().keySet());
    }
  }
}
