package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.inject.Binder;
import dev.jlora.model.layers.Layers;
import dev.jlora.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;

/** A Maven project beside jlora's, compiled and run as its own build would, without Maven. */
record OutsideProject(Path root) {

  List<Path> sources() throws IOException {
    return files(root.resolve("src/main/java"));
  }

  Path resources() {
    return root.resolve("src/main/resources");
  }

  static List<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /**
   * Compiles against jlora-core and its dependencies, without any plugin or the engine in sight.
   *
   * @param more a class of each further artifact that the project depends on
   */
  Path compiled(Path classes, Class<?>... more) throws IOException, URISyntaxException {
    Files.createDirectories(classes);
    List<String> arguments = new ArrayList<>();
    List<String> path = new ArrayList<>();
    List<Class<?>> types =
        new ArrayList<>(
            List.of(Layers.class, Tensor.class, Binder.class, JsonNode.class, NullMarked.class));
    types.addAll(List.of(more));
    for (Class<?> type : types) {
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

  /** Writes classes and resources into a jar, as a plugin folder holds it. */
  void jar(Path jar, Path classes) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path from : List.of(classes, resources())) {
        for (Path file : files(from)) {
          out.putNextEntry(new JarEntry(from.relativize(file).toString().replace('\\', '/')));
          out.write(Files.readAllBytes(file));
        }
      }
    }
  }

  /**
   * Runs a class in a Java of its own; returns what it says.
   *
   * @param before what stands on the class path before that of the tests
   */
  static String run(List<Path> before, List<String> options, List<String> command)
      throws IOException, InterruptedException {
    String path =
        Stream.concat(
                before.stream().map(Path::toString),
                Arrays.stream(new String[] {System.getProperty("java.class.path")}))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx512m"));
    all.addAll(options);
    all.addAll(List.of("-cp", path));
    all.addAll(command);
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** Fenced blocks in Java and XML of a page; those of the shell are no code of a project. */
  static List<String> blocks(String page) {
    List<String> blocks = new ArrayList<>();
    String[] parts = page.split("(?m)^```");
    for (int i = 1; i < parts.length; i += 2) {
      if (parts[i].startsWith("java") || parts[i].startsWith("xml")) {
        blocks.add(parts[i].substring(parts[i].indexOf('\n')));
      }
    }
    return blocks;
  }

  /** Without indentation, which is a page's own. */
  static String flat(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n")).strip();
  }
}
