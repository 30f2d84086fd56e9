package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.ops.Ops;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Precision;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What save_pretrained of transformers 5 leaves in a folder is there after merging, too. */
class MergedFilesTest {
  @TempDir Path folder;

  /**
   * The type is that of the written weights, as save_pretrained writes {@code model.dtype}: F32 for
   * a job in fp32 whatever the base was in, else the job's. Values after the last two commas:
   * expected.
   */
  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, bfloat16, dtype, FP32, false, float32, FLOAT32",
    "FLOAT16, float16, torch_dtype, FP32, false, float32, FLOAT32",
    "BFLOAT16, bfloat16, dtype, FP32, true, float32, FLOAT32",
    "FLOAT16, float16, torch_dtype, FP32, true, float32, FLOAT32",
    "FLOAT32, float32, dtype, BF16, false, bfloat16, BFLOAT16",
    "BFLOAT16, bfloat16, torch_dtype, BF16, false, bfloat16, BFLOAT16"
  })
  void the_configuration_names_the_type_of_the_weights(
      DType stored,
      String named,
      String key,
      Precision precision,
      boolean full,
      String expected,
      DType written)
      throws IOException {
    Path merged = saved(base(stored, key, named), precision, full);
    JsonNode config = Json.readObject(merged.resolve("config.json"));
    assertThat(config.path(key).asText()).isEqualTo(expected);
    assertThat(config.has(key.equals("dtype") ? "torch_dtype" : "dtype")).isFalse();
    try (Checkpoint checkpoint = Checkpoint.open(merged)) {
      Map<DType, Long> bytes = new TreeMap<>();
      checkpoint
          .names()
          .forEach(
              name ->
                  bytes.merge(
                      checkpoint.entry(name).dtype(), checkpoint.entry(name).bytes(), Long::sum));
      assertThat(bytes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey())
          .isEqualTo(written);
    }
  }

  @Test
  void templates_and_settings_come_along_and_no_problem_type_appears() throws IOException {
    Path base = base(DType.FLOAT32, "dtype", "float32");
    List<String> companions =
        List.of(
            "chat_template.jinja",
            "additional_chat_templates/tool_use.jinja",
            "generation_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.txt",
            "merges.txt",
            "tokenizer_config.json",
            "processor_config.json",
            "preprocessor_config.json",
            "spiece.model");
    for (String name : companions) {
      Files.createDirectories(base.resolve(name).getParent());
      Files.writeString(base.resolve(name), name.endsWith(".json") ? "{}" : "of " + name);
    }
    Files.writeString(base.resolve("notes.md"), "mine");
    Path merged = saved(base, Precision.FP32, false);
    for (String name : companions) {
      assertThat(merged.resolve(name)).hasSameBinaryContentAs(base.resolve(name));
    }
    assertThat(merged.resolve("notes.md")).doesNotExist();
    JsonNode config = Json.readObject(merged.resolve("config.json"));
    assertThat(config.has("problem_type")).isFalse();
    assertThat(config.path("id2label").toString()).isEqualTo("{\"0\":\"bad\",\"1\":\"good\"}");
  }

  private Path base(DType stored, String key, String named) throws IOException {
    Path base = TinyBert.folder(folder.resolve("base"));
    var config = Json.readObject(base.resolve("config.json"));
    config.remove(List.of("dtype", "torch_dtype", "problem_type"));
    Json.write(base.resolve("config.json"), config.put(key, named));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Path weights = base.resolve("model.safetensors");
    Path copy = Files.move(weights, folder.resolve("float32.safetensors"));
    try (Checkpoint checkpoint = Checkpoint.open(copy);
        Scope _ = Scope.open()) {
      checkpoint
          .names()
          .forEach(name -> tensors.put(name, Ops.to(checkpoint.tensor(name), stored)));
      SafetensorsWriter.write(weights, tensors);
    }
    return base;
  }

  private Path saved(Path base, Precision precision, boolean full) {
    Engine engine = new Engine(Plugins.load());
    JobSpec job = new TinyJob(folder).job("run", t -> t.maxSteps(1));
    JobSpec typed =
        new JobSpec(
            job.model().withPrecision(precision),
            job.task(),
            full ? null : job.adapter(),
            job.data(),
            job.optimizer(),
            job.schedule(),
            job.training());
    assertThat(Path.of(typed.model().path())).isEqualTo(base);
    Run run = engine.train(typed);
    return full
        ? run.adapter()
        : new Merger(Plugins.load())
            .merge(engine.job(run.adapter()), run.adapter(), folder.resolve("merged"), false)
            .folder();
  }
}
