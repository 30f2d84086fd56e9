package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The family in {@code custom-family}, built apart from jlora, dropped in as a jar, trained. */
class CustomFamilyTest {
  private static final Path PROJECT = Path.of("../../examples/custom-family");
  private static final OutsideProject TWIN = new OutsideProject(PROJECT);
  private static final Path GUIDE = Path.of("../../docs/writing-a-family.md");
  private static final int MOST_LINES = 119;

  @TempDir Path folder;

  @Test
  void a_family_in_a_jar_trains_with_lora() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    TWIN.jar(plugins.resolve("twin.jar"), TWIN.compiled(folder.resolve("classes")));
    Path model = Files.createDirectories(folder.resolve("model"));
    for (String file : List.of("config.json", "tokenizer.json")) {
      Files.copy(Path.of("src/test/resources/custom-family", file), model.resolve(file));
    }
    Path rows = Files.writeString(folder.resolve("rows.jsonl"), TinyBert.reviews(24));

    String said = run(plugins, model, rows, folder.resolve("out"));

    assertThat(said).contains("steps 60").contains("accuracy 1.0");
    assertThat(folder.resolve("out/adapter_model.safetensors")).isNotEmptyFile();
    assertThat(folder.resolve("out/adapter_config.json"))
        .content()
        .contains("\"query\"", "\"value\"", "\"score\"");
  }

  @Test
  void it_is_as_short_as_the_guide_says() throws IOException {
    long lines = 0;
    for (Path source : TWIN.sources()) {
      lines += Files.readAllLines(source).size();
    }
    assertThat(lines).isLessThanOrEqualTo(MOST_LINES);
  }

  @Test
  void every_line_of_code_in_the_guide_is_compiled_here() throws IOException {
    List<String> files =
        new ArrayList<>(TWIN.sources().stream().map(CustomFamilyTest::text).toList());
    files.add(text(PROJECT.resolve("pom.xml")));
    files.add(text(Path.of("src/test/java/dev/jlora/distribution/TwinRun.java")));
    List<String> blocks = OutsideProject.blocks(text(GUIDE));
    assertThat(blocks).hasSizeGreaterThan(5);
    for (String block : blocks) {
      assertThat(files)
          .as("a file that holds this block of the guide:%n%s", block)
          .anyMatch(file -> OutsideProject.flat(file).contains(OutsideProject.flat(block)));
    }
  }

  /** Runs {@link TwinRun} in a Java of its own, whose plugin folder holds the jar. */
  private static String run(Path plugins, Path model, Path rows, Path output) throws Exception {
    return OutsideProject.run(
        List.of(),
        List.of("-Djlora.plugins=" + plugins),
        List.of(TwinRun.class.getName(), model.toString(), rows.toString(), output.toString()));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
