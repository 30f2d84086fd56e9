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
  private static final int MOST_LINES = 249;
  private static final List<String> UNSEEN =
      List.of(
          "the film was %s",
          "it was a %s film",
          "a %s plot and a %s film",
          "the plot was very %s",
          "a film with a %s plot",
          "it was very very %s",
          "the actors were %s",
          "a %s story",
          "this movie is %s",
          "what a %s evening at the cinema");

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

    assertThat(said).contains("steps 150");
    assertThat(number(said, "untrained ")).isBetween(0.3, 0.6); // a fresh head guesses
    assertThat(number(said, "accuracy ")).isGreaterThanOrEqualTo(0.8);
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

  private static double number(List<String> said, String start) {
    return Double.parseDouble(line(said, start));
  }

  private static String line(List<String> said, String start) {
    return said.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(start + " is not in " + said));
  }

  /** Trains on reviews of one pattern and evaluates on texts that none of them has. */
  private Path job(Path output) throws IOException {
    Path train = Files.writeString(folder.resolve("train.jsonl"), TinyBert.reviews(24));
    StringBuilder unseen = new StringBuilder();
    for (String word : List.of("good", "bad")) {
      for (String text : UNSEEN) {
        unseen.append(
            "{\"text\": \"%s\", \"label\": \"%s\"}%n".formatted(text.replace("%s", word), word));
      }
    }
    Path validation = Files.writeString(folder.resolve("validation.jsonl"), unseen);
    Path job = folder.resolve("job.json");
    Json.write(
        job,
        Map.of(
            "model", Map.of("path", "../../examples/models/bert-tiny-imdb"),
            "task", Map.of("name", "sequence-classification"),
            "adapter", Map.of("method", "gated-scale", "rank", 2),
            "data", Map.of("train", train.toString(), "validation", validation.toString()),
            "optimizer", Map.of("learning_rate", 6e-3),
            "training",
                Map.of(
                    "max_steps", 150, "batch_size", 8, "threads", 1, "output", output.toString())));
    return job;
  }

  @Test
  void it_is_as_short_as_the_guide_says() throws IOException {
    List<Path> files = new ArrayList<>(GATED.sources());
    files.addAll(OutsideProject.files(GATED.resources()));
    files.add(GATED.root().resolve("pom.xml"));
    long lines = 0;
    for (Path file : files) {
      lines += Files.readAllLines(file).size();
    }
    assertThat(lines).isLessThanOrEqualTo(MOST_LINES);
    assertThat(Files.readString(GUIDE)).contains("under 250 lines");
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
