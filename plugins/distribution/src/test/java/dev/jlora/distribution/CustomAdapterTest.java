package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The method in {@code custom-adapter}, built apart from jlora, dropped in as a jar, used. */
class CustomAdapterTest {
  private static final OutsideProject GATED =
      new OutsideProject(Path.of("../../examples/custom-adapter"));
  private static final Path GUIDE = Path.of("../../docs/writing-an-adapter.md");
  private static final int MOST_LINES = 199;

  @TempDir Path folder;

  @Test
  void a_method_in_a_jar_is_trained_saved_loaded_and_merged() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    GATED.jar(plugins.resolve("gated.jar"), GATED.compiled(folder.resolve("classes")));
    Path run = folder.resolve("run");

    List<String> said =
        OutsideProject.run(
                List.of(),
                List.of("-Djlora.plugins=" + plugins),
                List.of(
                    GatedScaleRun.class.getName(),
                    job(run).toString(),
                    run.toString(),
                    folder.resolve("merged").toString()))
            .lines()
            .toList();

    assertThat(said).contains("steps 60");
    assertThat(line(said, "merged ")).isEqualTo(line(said, "trained "));
    assertThat(run.resolve("adapter_config.json"))
        .content()
        .contains(
            "\"peft_type\" : \"GATED_SCALE\"",
            "\"r\" : 2",
            "\"bert.encoder.layer.0.attention.self.value\"",
            "\"bert.encoder.layer.1.output.dense\"",
            "\"modules_to_save\" : [ \"bert.pooler\", \"classifier\"")
        .doesNotContain("intermediate");
    try (var _ = Scope.open();
        var file = SafetensorsFile.open(run.resolve("adapter_model.safetensors"))) {
      String module = "base_model.model.bert.encoder.layer.1.attention.self.value.";
      assertThat(file.entries())
          .containsKeys(
              module + "gated_scale_s",
              module + "gated_scale_A",
              module + "gated_scale_B.weight",
              "base_model.model.classifier.weight");
      float[] scale = file.tensor(module + "gated_scale_s").toFloats();
      assertThat(scale).isNotEqualTo(new float[scale.length]); // which is how it starts
    }
  }

  private static String line(List<String> said, String start) {
    return said.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(start + " is not in " + said));
  }

  private Path job(Path output) throws IOException {
    Path rows = Files.writeString(folder.resolve("rows.jsonl"), TinyBert.reviews(24));
    Path model = TinyBert.folder(folder.resolve("model"));
    Path job = folder.resolve("job.json");
    Json.write(
        job,
        Map.of(
            "model", Map.of("path", model.toString()),
            "task", Map.of("name", "sequence-classification"),
            "adapter", Map.of("method", "gated-scale", "rank", 2),
            "data", Map.of("train", rows.toString(), "validation", rows.toString()),
            "optimizer", Map.of("learning_rate", 2e-2),
            "training",
                Map.of(
                    "max_steps", 60, "batch_size", 8, "threads", 1, "output", output.toString())));
    return job;
  }

  @Test
  void it_is_as_short_as_the_guide_says() throws IOException {
    long lines = 0;
    for (Path source : GATED.sources()) {
      lines += Files.readAllLines(source).size();
    }
    assertThat(lines).isLessThanOrEqualTo(MOST_LINES);
    assertThat(Files.readString(GUIDE)).contains("under 200 lines");
  }

  @Test
  void every_line_of_code_in_the_guide_is_compiled_here() throws IOException {
    List<String> files = new ArrayList<>();
    Path pom = GATED.root().resolve("pom.xml");
    Path run = Path.of("src/test/java/dev/jlora/distribution/GatedScaleRun.java");
    for (Path file : Stream.concat(GATED.sources().stream(), Stream.of(pom, run)).toList()) {
      files.add(OutsideProject.flat(Files.readString(file)));
    }
    List<String> blocks = OutsideProject.blocks(Files.readString(GUIDE));
    assertThat(blocks).hasSizeGreaterThan(5);
    for (String block : blocks) {
      assertThat(files)
          .as("a file that holds this block of the guide:%n%s", block)
          .anyMatch(file -> file.contains(OutsideProject.flat(block)));
    }
  }
}
