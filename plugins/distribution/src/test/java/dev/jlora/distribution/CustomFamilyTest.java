package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.io.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The family in {@code custom-family}, built apart from jlora, dropped in as a jar, trained. */
class CustomFamilyTest {
  private static final Path PROJECT = Path.of("../../examples/custom-family");
  private static final OutsideProject TWIN = new OutsideProject(PROJECT);
  private static final Path GUIDE = Path.of("../../docs/writing-a-family.md");
  private static final Path MODELS = Path.of("../../dsl/core/src/test/java/com/example/models");
  private static final int MOST_LINES = 169;

  @TempDir static Path folder;

  private static Path model;
  private static String said;

  @BeforeAll
  static void train_with_the_jar() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    TWIN.jar(plugins.resolve("twin.jar"), TWIN.compiled(folder.resolve("classes")));
    model = Files.createDirectories(folder.resolve("model"));
    for (String file : List.of("config.json", "tokenizer.json")) {
      Files.copy(Path.of("src/test/resources/custom-family", file), model.resolve(file));
    }
    Path rows = Files.writeString(folder.resolve("rows.jsonl"), TinyBert.reviews(24));
    said = run(TwinRun.class, model, rows, folder.resolve("out"));
  }

  @Test
  void a_family_in_a_jar_trains_with_lora() throws IOException {
    assertThat(said).contains("steps 60").contains("accuracy 1.0");
    assertThat(folder.resolve("out/adapter_config.json"))
        .content()
        .contains("\"query\"", "\"value\"", "\"gate\"", "\"score\"");
    try (var file = SafetensorsFile.open(folder.resolve("out/adapter_model.safetensors"))) {
      assertThat(file.entries())
          .containsKeys(
              "base_model.model.twin.blocks.0.query.lora_A.weight",
              "base_model.model.twin.blocks.1.gate.lora_A.weight",
              "base_model.model.twin.blocks.1.gate.lora_B.weight",
              "base_model.model.score.weight")
          .doesNotContainKey("base_model.model.twin.blocks.0.key.lora_A.weight");
    }
  }

  @Test
  void a_layer_of_its_own_is_saved_loaded_merged_and_unmerged_bit_for_bit() throws Exception {
    assertThat(
            run(
                TwinChecks.class,
                model,
                folder.resolve("out"),
                folder.resolve("merged"),
                folder.resolve("copy")))
        .contains("checked");
  }

  @Test
  void it_is_as_short_as_the_guide_says() throws IOException {
    long lines = 0;
    for (Path source : TWIN.sources()) {
      lines += Files.readAllLines(source).size();
    }
    assertThat(lines).isLessThanOrEqualTo(MOST_LINES);
    assertThat(text(GUIDE)).contains("under 170 lines of Java");
  }

  @Test
  void every_line_of_code_in_the_guide_is_compiled_here() throws IOException {
    List<String> files =
        new ArrayList<>(TWIN.sources().stream().map(CustomFamilyTest::text).toList());
    files.add(text(PROJECT.resolve("pom.xml")));
    files.add(text(Path.of("src/test/java/dev/jlora/distribution/TwinRun.java")));
    files.add(text(Path.of("src/test/java/com/example/layers/SquaredRelu.java")));
    files.add(text(MODELS.resolve("QwenLikeTest.java")));
    List<String> blocks = OutsideProject.blocks(text(GUIDE));
    assertThat(blocks).hasSizeGreaterThan(5);
    for (String block : blocks) {
      assertThat(files)
          .as("a file that holds this block of the guide:%n%s", block)
          .anyMatch(file -> OutsideProject.flat(file).contains(OutsideProject.flat(block)));
    }
  }

  /** Runs a program in a Java of its own, whose plugin folder holds the jar. */
  private static String run(Class<?> program, Path... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.getName()));
    for (Path argument : arguments) {
      command.add(argument.toString());
    }
    return OutsideProject.run(
        List.of(), List.of("-Djlora.plugins=" + folder.resolve("plugins")), command);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
