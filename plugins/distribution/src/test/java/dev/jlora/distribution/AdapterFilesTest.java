package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Answer;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jlora adapters}: lists, shows, combines and extracts adapters of a tiny BERT. */
class AdapterFilesTest {
  private static final String TEXT = "a very good film";

  @TempDir static Path shared;
  private static Path base;
  private static Path first;
  private static Path second;
  private static Path merged;

  @TempDir Path folder;

  @BeforeAll
  static void train() {
    Engine engine = new Engine(Plugins.load());
    TinyJob tiny = new TinyJob(shared);
    Run one = engine.train(tiny.job("first", t -> t.maxSteps(8)));
    Run two = engine.train(tiny.job("second", t -> t.maxSteps(8).seed(7)));
    first = one.adapter();
    second = two.adapter();
    base = shared.resolve("base");
    merged = Jlora.merge(first, shared.resolve("merged")).folder();
  }

  @Test
  void list_has_a_line_for_each_adapter_and_checkpoint() {
    String said = TypedLine.jlora("adapters", "list", first.toString(), second.toString()).said();
    assertThat(said.lines())
        .anyMatch(line -> line.startsWith(first + "  lora r=4  query,value  "))
        .anyMatch(line -> line.contains("checkpoint"))
        .allMatch(line -> line.contains("elements"));
    JsonNode json =
        Json.parse(TypedLine.jlora("adapters", "list", shared.toString(), "--json").said(), "out");
    assertThat(json.isArray()).isTrue();
    assertThat(json.get(0).get("method").asText()).isEqualTo("lora");
    assertThat(TypedLine.jlora("adapters", "list", base.toString()).complaint())
        .contains("has no adapter, and neither have the folders in it");
    assertThat(TypedLine.jlora("adapters", "list", "nowhere").complaint())
        .contains("no such folder");
  }

  @Test
  void show_has_settings_and_tensors() {
    String said = TypedLine.jlora("adapters", "show", first.toString()).said();
    assertThat(said)
        .contains("method: lora", "peft_type: LORA", "r: 4", "lora_alpha: 16")
        .contains("task_type: SEQ_CLS")
        .contains("base_model.model.classifier.weight [2, 32]")
        .doesNotContain("null");
    JsonNode json =
        Json.parse(TypedLine.jlora("adapters", "show", first.toString(), "--json").said(), "out");
    assertThat(json.get("settings").get("r").intValue()).isEqualTo(4);
    assertThat(TypedLine.jlora("adapters", "show", base.toString()).complaint())
        .contains("has no adapter_config.json");
  }

  @Test
  void combine_writes_an_adapter_that_predicts() {
    Path mix = folder.resolve("mix");
    String said =
        TypedLine.jlora(
                "adapters",
                "combine",
                first + "=0.5",
                second + "=0.5",
                "--type",
                "cat",
                "--combine-heads",
                "-o",
                mix.toString())
            .said();
    assertThat(said)
        .contains("bert.encoder.layer.0.attention.self.query  rank 8  error 0.0")
        .contains("adapter in " + mix);
    assertThat(scores(mix)).hasSize(2);
    Path small = folder.resolve("small");
    JsonNode json =
        Json.parse(
            TypedLine.jlora(
                    "adapters",
                    "combine",
                    first.toString(),
                    second + "=-0.5",
                    "--svd-rank",
                    "2",
                    "--combine-heads",
                    "-o",
                    small.toString(),
                    "--json")
                .said(),
            "out");
    assertThat(json.get("modules").get(0).get("rank").intValue()).isEqualTo(2);
    assertThat(json.get("largest_error").doubleValue()).isBetween(0.0, 1.0);

    Path typed = folder.resolve("typed");
    Jlora.combine(first, 0.5).and(second, 0.5).cat().combineHeads().save(typed);
    assertThat(scores(typed)).isEqualTo(scores(mix));
  }

  @Test
  void combine_says_what_is_wrong() {
    String one = first.toString();
    String two = second.toString();
    String output = folder.resolve("x").toString();
    assertThat(complaint("combine", one, two, "--type", "tise", "-o", output))
        .contains("got 'tise', expected one of 'ties'");
    assertThat(complaint("combine", one, two, "--type", "ties", "-o", output))
        .contains("density: got none, expected the share of values that ties keeps");
    assertThat(complaint("combine", one, two, "--type", "cat", "--svd-rank", "3", "-o", output))
        .contains("svd_rank: got 3, expected none for cat");
    assertThat(complaint("combine", one, two, "-o", output)).contains("classifier.weight");
    assertThat(complaint("combine", one, "nowhere", "-o", output)).contains("nowhere: has no");
    assertThat(complaint("combine", one, "-o", two)).contains("holds an adapter already");
    assertThat(complaint("combine", one, "-o", base.toString())).contains("holds a model already");
    assertThat(complaint("combine", one, two)).contains("--output");
    assertThat(complaint("combin", one)).contains("combine");
    Path gpt = TinyGpt.folder(folder.resolve("gpt"));
    assertThat(complaint("combine", one, "--base", gpt.toString(), "-o", output)).isNotBlank();
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void extract_finds_the_adapter_that_was_merged() {
    Path found = folder.resolve("found");
    String said =
        TypedLine.jlora(
                "adapters",
                "extract",
                base.toString(),
                merged.toString(),
                "--rank",
                "4",
                "--targets",
                "query,value",
                "-o",
                found.toString())
            .said();
    assertThat(said).contains("query  rank 4  error").contains("adapter in " + found);
    assertThat(said).doesNotContain("differ, but");
    assertThat(errors(found, 4)).allSatisfy(error -> assertThat(error).isLessThan(1e-4));
    Map<String, Double> expected = scores(merged);
    scores(found)
        .forEach((label, score) -> assertThat(score).isCloseTo(expected.get(label), within(1e-5)));
    assertThat(Json.readObject(found.resolve("adapter_config.json")).toString())
        .containsPattern("\"modules_to_save\":\\[[^]]*\"classifier\"");

    Path less = folder.resolve("less");
    Jlora.extract(base, merged).rank(1).targets("query", "value").save(less);
    assertThat(Json.readObject(less.resolve("adapter_config.json")).get("r").intValue()).isOne();
  }

  @Test
  void extract_gives_each_module_the_rank_that_its_share_needs() {
    Path found = folder.resolve("found");
    JsonNode json =
        Json.parse(
            TypedLine.jlora(
                    "adapters",
                    "extract",
                    base.toString(),
                    merged.toString(),
                    "--energy",
                    "0.9",
                    "--targets",
                    "query,value",
                    "-o",
                    found.toString(),
                    "--json")
                .said(),
            "out");
    for (JsonNode module : json.get("modules")) {
      assertThat(module.get("rank").intValue()).isBetween(1, 4);
      assertThat(module.get("error").doubleValue()).isLessThanOrEqualTo(Math.sqrt(0.1) + 1e-9);
    }
    assertThat(scores(found)).hasSize(2);
  }

  @Test
  void extract_lists_what_it_leaves_out_and_refuses_other_models() throws IOException {
    Path changed = Files.createDirectories(folder.resolve("changed"));
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.copy(merged.resolve(name), changed.resolve(name));
    }
    try (SafetensorsFile file = SafetensorsFile.open(merged.resolve("model.safetensors"));
        var _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      file.entries().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
      String key = "bert.encoder.layer.0.intermediate.dense.bias";
      tensors.put(key, Ops.addScalar(tensors.get(key), 1));
      SafetensorsWriter.write(changed.resolve("model.safetensors"), tensors);
    }
    Path found = folder.resolve("found");
    assertThat(
            TypedLine.jlora(
                    "adapters",
                    "extract",
                    base.toString(),
                    changed.toString(),
                    "--targets",
                    "query,value",
                    "-o",
                    found.toString())
                .said())
        .contains("not in the adapter: bert.encoder.layer.0.intermediate.dense.bias");
    Path whole = folder.resolve("whole");
    assertThat(
            TypedLine.jlora(
                    "adapters",
                    "extract",
                    base.toString(),
                    changed.toString(),
                    "--targets",
                    "query,value",
                    "--bias",
                    "all",
                    "-o",
                    whole.toString())
                .said())
        .doesNotContain("not in the adapter");
    Map<String, Double> expected = scores(changed);
    scores(whole)
        .forEach((label, score) -> assertThat(score).isCloseTo(expected.get(label), within(1e-5)));
    String output = folder.resolve("x").toString();
    assertThat(
            complaint(
                "extract", base.toString(), changed.toString(), "--targets", "qurey", "-o", output))
        .contains("qurey", "query");
    assertThat(
            complaint(
                "extract", base.toString(), changed.toString(), "--energy", "1.5", "-o", output))
        .contains("energy: got 1.5, expected above 0 and at most 1");
    Path gpt = TinyGpt.folder(folder.resolve("gpt"));
    assertThat(complaint("extract", gpt.toString(), merged.toString(), "-o", output)).isNotBlank();
  }

  private static List<Double> errors(Path adapter, int rank) {
    return Jlora.extract(base, merged)
        .rank(rank)
        .targets("query", "value")
        .save(adapter.resolveSibling("again"))
        .modules()
        .stream()
        .map(it -> it.error())
        .toList();
  }

  private static String complaint(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "adapters";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return TypedLine.jlora(all).complaint();
  }

  private static Map<String, Double> scores(Path model) {
    try (Predictor predictor = Jlora.predictor(model)) {
      Answer answer = predictor.predict(List.of(TEXT)).getFirst();
      return answer.scores();
    }
  }
}
