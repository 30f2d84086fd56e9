package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import org.junit.jupiter.api.Test;

/** The jars can be used on a module path: each has a module name, and packages of its own. */
class ModulesTest {
  private static final Path PROJECT = Path.of("../..");
  private static final Pattern NAME = Pattern.compile("<jlora.module>(.*)</jlora.module>");

  @Test
  void every_jar_has_a_module_name_of_its_own() throws IOException {
    Map<String, Path> names = new TreeMap<>();
    for (Path module : modules()) {
      Matcher name = NAME.matcher(Files.readString(module.resolve("pom.xml")));
      assertThat(name.find()).as("jlora.module in the pom of %s", module).isTrue();
      assertThat(SourceVersion.isName(name.group(1))).as(name.group(1)).isTrue();
      assertThat(names.put(name.group(1), module)).as(name.group(1)).isNull();
    }
    assertThat(names).containsKeys("dev.jlora", "dev.jlora.core", "dev.jlora.natives");
    assertThat(Files.readString(PROJECT.resolve("pom.xml")))
        .contains("<Automatic-Module-Name>${jlora.module}</Automatic-Module-Name>");
  }

  @Test
  void no_package_is_in_two_jars() throws IOException {
    Map<String, Path> owners = new TreeMap<>();
    for (Path module : modules()) {
      Path sources = module.resolve("src/main/java");
      for (Path folder : packages(sources)) {
        String name = sources.relativize(folder).toString();
        assertThat(owners.put(name, module)).as("%s, also in %s", name, module).isNull();
      }
    }
    assertThat(owners).hasSizeGreaterThan(30);
  }

  private static List<Path> packages(Path sources) throws IOException {
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Path::getParent)
          .distinct()
          .toList();
    }
  }

  /** The folders with a pom and Java sources of their own. */
  private static List<Path> modules() throws IOException {
    try (Stream<Path> above = Files.list(PROJECT)) {
      List<Path> rooms = above.filter(path -> Files.exists(path.resolve("pom.xml"))).toList();
      Stream<Path> all = rooms.stream();
      for (Path room : rooms) {
        try (Stream<Path> inside = Files.list(room)) {
          all = Stream.concat(all, inside.toList().stream());
        }
      }
      return all.filter(path -> Files.exists(path.resolve("pom.xml")))
          .filter(path -> Files.isDirectory(path.resolve("src/main/java")))
          .toList();
    }
  }
}
