package dev.jlora.ffi.generator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the generated sources of both modules against the C headers. */
class GeneratedSourcesTest {
  private static final Path PROJECT = Path.of("../..");

  @Test
  void sources_are_those_that_the_headers_make() throws IOException {
    Map<Path, String> made = Generate.sources(PROJECT);
    Map<Path, String> present = Generate.present(PROJECT);

    assertThat(present.keySet())
        .as("generated classes; if they differ, run: %s", Generate.COMMAND)
        .isEqualTo(made.keySet());
    made.forEach(
        (file, text) ->
            assertThat(present.get(file))
                .as("%s is out of date; run: %s", file, Generate.COMMAND)
                .isEqualTo(text));
  }

  @Test
  void every_function_of_the_headers_is_called_somewhere() throws IOException {
    long functions =
        Generate.sources(PROJECT).values().stream()
            .mapToLong(text -> text.lines().filter(line -> line.endsWith("{@code")).count())
            .sum();

    assertThat(functions).isGreaterThan(170);
  }

  @Test
  void the_program_writes_what_is_missing_or_changed_and_deletes_what_is_left_over(
      @TempDir Path project) throws IOException {
    for (Path file : Generate.sources(PROJECT).keySet()) {
      Files.createDirectories(project.resolve(file).getParent());
    }
    for (String header : Generate.headers()) {
      Files.createDirectories(project.resolve(header).getParent());
      Files.copy(PROJECT.resolve(header), project.resolve(header));
    }
    Path changed = project.resolve("bindings/torch/src/main/java/dev/jlora/ffi/LibC.java");
    Path left = changed.resolveSibling("Former.java");
    Path byHand = changed.resolveSibling("Downcalls.java");
    Files.writeString(changed, Generate.marker("a header") + "\n");
    Files.writeString(left, Generate.marker("a header") + "\n");
    Files.writeString(byHand, "package dev.jlora.ffi;\n");

    assertThat(Generate.write(project)).isGreaterThan(20);

    assertThat(Generate.present(project)).isEqualTo(Generate.sources(PROJECT));
    assertThat(left).doesNotExist();
    assertThat(byHand).hasContent("package dev.jlora.ffi;");
  }
}
