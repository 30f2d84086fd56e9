package dev.jlora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.Binder;
import dev.jlora.model.Layers;
import dev.jlora.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The family in {@code custom-family}, built apart from jlora, dropped in as a jar, trained. */
class CustomFamilyTest {
  private static final Path PROJECT = Path.of("custom-family");
  private static final Path SOURCES = PROJECT.resolve("src/main/java");
  private static final Path RESOURCES = PROJECT.resolve("src/main/resources");
  private static final Path GUIDE = Path.of("../docs/writing-a-family.md");
  private static final int MOST_LINES = 119;

  @TempDir Path folder;

  @Test
  void a_family_in_a_jar_trains_with_lora() throws Exception {
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    jar(plugins.resolve("twin.jar"), compiled());
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
    for (Path source : sources()) {
      lines += Files.readAllLines(source).size();
    }
    assertThat(lines).isLessThanOrEqualTo(MOST_LINES);
  }

  @Test
  void every_line_of_code_in_the_guide_is_compiled_here() throws IOException {
    List<String> files = new ArrayList<>(sources().stream().map(CustomFamilyTest::text).toList());
    files.add(text(PROJECT.resolve("pom.xml")));
    files.add(text(Path.of("src/test/java/dev/jlora/examples/TwinRun.java")));
    List<String> blocks = blocks(text(GUIDE));
    assertThat(blocks).hasSizeGreaterThan(5);
    for (String block : blocks) {
      assertThat(files)
          .as("a file that holds this block of the guide:%n%s", block)
          .anyMatch(file -> flat(file).contains(flat(block)));
    }
  }

  /** Fenced blocks in Java and XML; those of the shell are no code of the example. */
  private static List<String> blocks(String guide) {
    List<String> blocks = new ArrayList<>();
    String[] parts = guide.split("(?m)^```");
    for (int i = 1; i < parts.length; i += 2) {
      if (parts[i].startsWith("java") || parts[i].startsWith("xml")) {
        blocks.add(parts[i].substring(parts[i].indexOf('\n')));
      }
    }
    return blocks;
  }

  /** Indentation is the page's own. */
  private static String flat(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n")).strip();
  }

  /** Compiles against jlora-dsl and what it brings, without any plugin in sight. */
  private Path compiled() throws IOException, URISyntaxException {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    List<String> arguments = new ArrayList<>();
    List<String> path = new ArrayList<>();
    for (Class<?> type : List.of(Layers.class, Tensor.class, Binder.class, JsonNode.class)) {
      path.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    arguments.addAll(List.of("-proc:none", "--release", "25", "-d", classes.toString()));
    arguments.addAll(List.of("-cp", String.join(File.pathSeparator, path)));
    sources().forEach(source -> arguments.add(source.toString()));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(status).as("javac").isZero();
    return classes;
  }

  private static void jar(Path jar, Path classes) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path root : List.of(classes, RESOURCES)) {
        for (Path file : files(root)) {
          out.putNextEntry(new JarEntry(root.relativize(file).toString().replace('\\', '/')));
          out.write(Files.readAllBytes(file));
        }
      }
    }
  }

  /** Runs {@link TwinRun} in a Java of its own, whose plugin folder holds the jar. */
  private static String run(Path plugins, Path model, Path rows, Path output) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-Djlora.plugins=" + plugins,
                "-cp",
                System.getProperty("java.class.path"),
                TwinRun.class.getName(),
                model.toString(),
                rows.toString(),
                output.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static List<Path> sources() throws IOException {
    return files(SOURCES);
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
