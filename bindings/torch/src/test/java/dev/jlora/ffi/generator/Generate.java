package dev.jlora.ffi.generator;

import dev.jlora.ffi.generator.Header.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the raw downcalls of {@code dev.jlora.ffi} and {@code dev.jlora.ffi.cuda} from C headers,
 * as jextract would, but with what the headers' tags say besides. Started by {@code mvn -N
 * generate-sources -Pdowncalls} in the project's folder; {@code GeneratedSourcesTest} fails when
 * the sources are not those of the headers.
 */
public final class Generate {
  /** How to run this. */
  static final String COMMAND = "mvn -N generate-sources -Pdowncalls";

  private static final String GENERATED = "// Generated from ";

  /** Where the classes of a header go: a module's sources, and a package in them. */
  record Target(String module, String javaPackage) {
    Path folder() {
      return Path.of(module, "src/main/java", javaPackage.replace('.', '/'));
    }
  }

  private static final Map<String, Target> TARGETS =
      Map.of(
          "native/src/main/c/jlora_torch.h", new Target("bindings/torch", "dev.jlora.ffi"),
          "bindings/cuda/src/main/c/jlora_cuda.h",
              new Target("bindings/cuda", "dev.jlora.ffi.cuda"));

  private Generate() {}

  /** Writes the sources of the project whose folder is the only argument. */
  public static void main(String[] arguments) throws IOException {
    Path project = Path.of(arguments.length == 0 ? "." : arguments[0]);
    try {
      System.out.printf("%d classes generated%n", write(project));
    } catch (HeaderException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /** Writes the sources and deletes those that no header makes any more; returns how many. */
  static int write(Path project) throws IOException {
    Map<Path, String> sources = sources(project);
    for (Path old : present(project).keySet()) {
      if (!sources.containsKey(old)) {
        Files.delete(project.resolve(old));
      }
    }
    for (var source : sources.entrySet()) {
      Files.writeString(project.resolve(source.getKey()), source.getValue());
    }
    return sources.size();
  }

  /** The paths of the headers in the project. */
  static Set<String> headers() {
    return TARGETS.keySet();
  }

  /** The first line of a generated file. */
  static String marker(String header) {
    return GENERATED + header + " by '" + COMMAND + "'.\n// Do not edit: change the header.";
  }

  /** Path in the project to text of every source that the headers make. */
  static Map<Path, String> sources(Path project) throws IOException {
    Map<Path, String> sources = new TreeMap<>();
    for (var header : TARGETS.entrySet()) {
      String text = Files.readString(project.resolve(header.getKey()));
      sources.putAll(sources(header.getKey(), text, header.getValue()));
    }
    return sources;
  }

  /** The same for one header. */
  static Map<Path, String> sources(String header, String text, Target target) {
    Map<Path, String> sources = new TreeMap<>();
    for (Section section : Header.parse(header, text)) {
      sources.put(
          target.folder().resolve(section.name() + ".java"),
          JavaClass.source(target.javaPackage(), header, section));
    }
    return sources;
  }

  /** Name to value of the constants that the headers leave to Java written by hand. */
  public static Map<String, Integer> valuesByHand(Path project) throws IOException {
    Map<String, Integer> values = new TreeMap<>();
    for (String header : TARGETS.keySet()) {
      Header.parse(header, Files.readString(project.resolve(header))).stream()
          .flatMap(section -> section.enumerations().stream())
          .filter(enumeration -> enumeration.comment().has("byhand"))
          .forEach(enumeration -> values.putAll(enumeration.values()));
    }
    return values;
  }

  /** The generated sources that lie in the project, those that no header makes any more, too. */
  static Map<Path, String> present(Path project) throws IOException {
    Map<Path, String> present = new TreeMap<>();
    for (Target target : TARGETS.values()) {
      List<Path> files = new ArrayList<>();
      try (Stream<Path> listed = Files.list(project.resolve(target.folder()))) {
        listed.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
      }
      for (Path file : files) {
        String text = Files.readString(file);
        if (text.startsWith(GENERATED)) {
          present.put(project.relativize(file), text);
        }
      }
    }
    return present;
  }
}
