package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.Finetune;
import dev.jlora.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in {@code maven-project}: what a project that depends on jlora writes, and runs. */
class MavenProjectTest {
  private static final Path ROOT = Path.of("../../examples/maven-project");
  private static final OutsideProject PROJECT = new OutsideProject(ROOT);
  private static final Path BOM = Path.of("../bom/pom.xml");
  private static final Path GUIDE = Path.of("../../docs/plugins.md");
  private static final Path LOWERINGS =
      Path.of("src/test/java/dev/jlora/distribution/LoweringTest.java");
  private static final Pattern JLORA_ARTIFACT =
      Pattern.compile("<groupId>dev\\.jlora</groupId>\\s*<artifactId>([\\w-]+)</artifactId>");

  @TempDir Path folder;

  @Test
  void it_trains_with_an_optimizer_and_a_callback_of_its_own() throws Exception {
    Path classes = PROJECT.compiled(folder.resolve("classes"), Finetune.class, Engine.class);
    Path model = TinyBert.folder(folder.resolve("model"));
    Path rows = Files.writeString(folder.resolve("rows.jsonl"), TinyBert.reviews(24));
    Path run = folder.resolve("run");

    String said =
        OutsideProject.run(
            List.of(classes, PROJECT.resources().toAbsolutePath()),
            List.of(),
            List.of(
                "com.example.reviews.Train", model.toString(), rows.toString(), run.toString()));

    assertThat(said).containsPattern("answer: (good|bad)");
    assertThat(run.resolve("job.json"))
        .content()
        .contains("\"name\" : \"lion\"", "\"memory\" : 0.98", "\"file\" : \"losses.csv\"");
    assertThat(Files.readAllLines(run.resolve("losses.csv")))
        .hasSize(4) // 24 rows by 8, three epochs
        .first()
        .isEqualTo("step,eval_loss");
    assertThat(Files.readAllLines(run.resolve("losses.csv")).getLast()).startsWith("9,0.");
  }

  @Test
  void the_bom_names_every_library_of_the_build_at_its_version() throws IOException {
    Set<String> built = new TreeSet<>();
    try (Stream<Path> poms = Files.walk(Path.of("../.."), 4)) {
      for (Path pom : poms.filter(file -> file.endsWith("pom.xml")).toList()) {
        String text = Files.readString(pom);
        boolean ofOthers =
            pom.startsWith("../../examples")
                || pom.equals(Path.of("../../plugins/distribution/pom.xml"))
                || text.contains("<packaging>pom");
        if (!ofOthers) {
          String own = text.substring(text.indexOf("</parent>"));
          built.add(own.replaceFirst("(?s).*?<artifactId>([^<]+).*", "$1"));
        }
      }
    }
    String bom = Files.readString(BOM);
    Set<String> named = artifacts(bom.substring(bom.indexOf("<dependencyManagement>")));
    assertThat(built).contains("jlora-dsl", "jlora-cli");
    assertThat(named).isEqualTo(built);
    assertThat(version(bom)).isEqualTo(version(Files.readString(Path.of("../../pom.xml"))));
    assertThat(Files.readString(ROOT.resolve("pom.xml")))
        .contains("<version>" + version(bom) + "</version>");
  }

  @Test
  void its_dependencies_are_in_the_bom_and_its_flags_are_the_launcher_s() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    Set<String> named = artifacts(Files.readString(BOM));
    named.add("jlora-bom");
    assertThat(named).containsAll(artifacts(pom));
    String launcher = Files.readString(Path.of("../../jlora"));
    Pattern.compile("<argument>(--[^<]+)</argument>")
        .matcher(pom)
        .results()
        .map(found -> found.group(1))
        .forEach(flag -> assertThat(launcher).contains(flag));
  }

  @Test
  void every_line_of_code_in_the_guide_is_compiled_here() throws IOException {
    List<String> files = new ArrayList<>();
    for (Path source : PROJECT.sources()) {
      files.add(OutsideProject.flat(Files.readString(source)));
    }
    files.add(OutsideProject.flat(Files.readString(ROOT.resolve("pom.xml"))));
    files.add(OutsideProject.flat(Files.readString(LOWERINGS)));
    List<String> blocks = OutsideProject.blocks(Files.readString(GUIDE));
    assertThat(blocks).hasSizeGreaterThan(4);
    for (String block : blocks) {
      assertThat(files)
          .as("a file that holds this block of the guide:%n%s", block)
          .anyMatch(file -> file.contains(OutsideProject.flat(block)));
    }
  }

  private static Set<String> artifacts(String pom) {
    return JLORA_ARTIFACT
        .matcher(pom)
        .results()
        .map(found -> found.group(1))
        .filter(name -> !name.equals("jlora-parent"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The first version in a pom without a parent: its own. */
  private static String version(String pom) {
    return pom.replaceFirst("(?s).*?<version>([^<]+).*", "$1");
  }
}
