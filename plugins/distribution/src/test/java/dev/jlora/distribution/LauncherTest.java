package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the launcher in a project of its own, with a Java and a Maven that only tell their calls.
 */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("../../jlora");
  private static final String TELL_ARGUMENTS =
      """
      #!/bin/bash
      for argument in "$@"; do printf '[%s]\\n' "$argument"; done
      """;

  @TempDir Path temp;
  private Path project;
  private Path jar;
  private Path jdk;

  @BeforeEach
  void makeProject() throws IOException {
    project = Files.createDirectories(temp.resolve("a project"));
    Files.copy(LAUNCHER, project.resolve("jlora"));
    file(project.resolve("dsl/core/src/main/java/A.java"), "class A {}");
    jar =
        file(project.resolve("plugins/distribution/target/jlora/lib/jlora-distribution-1.jar"), "");
    jdk = jdk("jdk", "25.0.3");
    script(temp.resolve("bin/mvn"), "echo \"[mvn $*]\"; touch '" + jar + "'");
  }

  private static Path file(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    return Files.writeString(path, text);
  }

  private static Path script(Path path, String text) throws IOException {
    file(path, text.startsWith("#!") ? text : "#!/bin/bash\n" + text + "\n");
    assertThat(path.toFile().setExecutable(true)).isTrue();
    return path;
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = temp.resolve(name);
    file(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(home.resolve("bin/java"), TELL_ARGUMENTS);
    script(home.resolve("bin/javac"), "");
    return home;
  }

  private record Outcome(List<String> lines, int code) {
    String text() {
      return String.join("\n", lines);
    }
  }

  private Outcome run(Path launcher, Map<String, String> environment, String... arguments)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command(Stream.concat(Stream.of(launcher.toString()), Stream.of(arguments)).toList());
    builder.directory(temp.toFile()).redirectErrorStream(true);
    builder.environment().put("PATH", temp.resolve("bin") + ":/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().put("HOME", temp.toString());
    builder.environment().keySet().removeIf(name -> name.startsWith("JLORA_"));
    builder.environment().put("JLORA_START_CACHE", "never");
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
    return new Outcome(lines, process.waitFor());
  }

  private Outcome run(String... arguments) throws Exception {
    return run(project.resolve("jlora"), Map.of(), arguments);
  }

  @Test
  void passes_arguments_on_unharmed() throws Exception {
    Outcome outcome = run("train", "--data", "my reviews.csv", "", "*", "a'b\"c");

    assertThat(outcome.code()).isZero();
    assertThat(outcome.lines())
        .endsWith(
            "[dev.jlora.cli.Main]",
            "[train]",
            "[--data]",
            "[my reviews.csv]",
            "[]",
            "[*]",
            "[a'b\"c]");
  }

  @Test
  void takes_the_assembled_jars_and_tells_java_where_the_project_is() throws Exception {
    assertThat(run("info").lines())
        .contains("[" + project + "/plugins/distribution/target/jlora/lib/*]")
        .contains("[-Djlora.home=" + project + "]")
        .contains("[--enable-native-access=ALL-UNNAMED]");
  }

  @Test
  void works_through_symbolic_links() throws Exception {
    Path first = Files.createSymbolicLink(project.resolve("first"), Path.of("jlora"));
    Path second = Files.createSymbolicLink(temp.resolve("second"), first);

    assertThat(run(second, Map.of(), "info").lines())
        .contains("[-Djlora.home=" + project + "]", "[info]");
  }

  @Test
  void hands_options_to_the_java_machine() throws Exception {
    assertThat(run(project.resolve("jlora"), Map.of("JLORA_OPTS", "-Xmx4g -Da=b"), "info").lines())
        .contains("[-Xmx4g]", "[-Da=b]");
  }

  @Test
  void preloads_the_library_that_hands_out_memory_unless_told_otherwise() throws Exception {
    Path launcher = project.resolve("jlora");
    Path library = Files.writeString(temp.resolve("libmalloc.so"), "");
    script(jdk.resolve("bin/java"), "printf 'preload=%s\\n' \"${LD_PRELOAD:-}\"");

    assertThat(run(launcher, Map.of("JLORA_MALLOC", library.toString()), "info").lines())
        .contains("preload=" + library);
    assertThat(run(launcher, Map.of("JLORA_MALLOC", "glibc"), "info").lines()).contains("preload=");
    Map<String, String> own =
        Map.of("JLORA_MALLOC", library.toString(), "LD_PRELOAD", temp + "/own.so");
    assertThat(run(launcher, own, "info").lines()).contains("preload=" + temp + "/own.so");
  }

  @Test
  void refuses_a_library_for_memory_that_is_not_there() throws Exception {
    Outcome outcome = run(project.resolve("jlora"), Map.of("JLORA_MALLOC", "/no/lib.so"), "info");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.text()).contains("got '/no/lib.so'", "'glibc' or a library to");
  }

  @Test
  void passes_over_a_java_of_another_version() throws Exception {
    Path old = jdk("old", "17.0.9");
    script(temp.resolve("bin/java"), "");
    Files.delete(temp.resolve("bin/java"));
    Files.createSymbolicLink(temp.resolve("bin/java"), jdk.resolve("bin/java"));

    Outcome outcome = run(project.resolve("jlora"), Map.of("JAVA_HOME", old.toString()), "info");

    assertThat(outcome.lines()).contains("[info]");
  }

  @Test
  void passes_its_exit_code_on() throws Exception {
    script(jdk.resolve("bin/java"), "exit 7");

    assertThat(run("info").code()).isEqualTo(7);
  }

  @Test
  void leaves_its_options_to_the_java_machine_that_runs_a_users_code() throws Exception {
    Map<String, String> options = Map.of("JLORA_OPTS", "-Xmx4g");
    Path launcher = project.resolve("jlora");

    assertThat(run(launcher, options, "shell", "script.jsh").lines())
        .doesNotContain("[-Xmx4g]")
        .endsWith("[shell]", "[script.jsh]");
    assertThat(run(launcher, options, "run", "A.java").lines()).doesNotContain("[-Xmx4g]");
    assertThat(run(launcher, options, "run", "a.jsh").lines()).contains("[-Xmx4g]");
  }

  @Nested
  class Builds {
    @Test
    void nothing_when_nothing_changed() throws Exception {
      assertThat(run("info").text()).doesNotContain("mvn");
    }

    @Test
    void when_a_source_is_newer() throws Exception {
      Files.setLastModifiedTime(jar, FileTime.fromMillis(1));

      Outcome outcome = run("info");

      assertThat(outcome.text())
          .contains("jlora: sources have changed, building ...")
          .contains("-DskipTests package]");
      assertThat(outcome.lines()).endsWith("[info]");
      assertThat(run("info").text()).as("the second start").doesNotContain("building");
    }

    @Test
    void not_when_only_a_test_is_newer() throws Exception {
      file(project.resolve("dsl/core/src/test/java/ATest.java"), "class ATest {}");
      Files.setLastModifiedTime(
          project.resolve("dsl/core/src/main/java/A.java"), FileTime.fromMillis(1));
      Files.setLastModifiedTime(jar, FileTime.fromMillis(2));

      assertThat(run("info").text()).doesNotContain("mvn");
    }

    @Test
    void not_when_told_never_to() throws Exception {
      Files.setLastModifiedTime(jar, FileTime.fromMillis(1));

      Outcome outcome = run(project.resolve("jlora"), Map.of("JLORA_BUILD", "never"), "info");

      assertThat(outcome.text()).doesNotContain("mvn");
    }

    @Test
    void everything_on_the_first_start() throws Exception {
      Files.delete(jar);
      Files.delete(jar.getParent());

      assertThat(run("info").text()).contains("the first time takes some minutes");
    }

    @Test
    void and_says_so_when_that_fails() throws Exception {
      Files.setLastModifiedTime(jar, FileTime.fromMillis(1));
      script(temp.resolve("bin/mvn"), "echo cannot compile; exit 1");

      Outcome outcome = run("info");

      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.text())
          .contains("cannot compile", "jlora: the build failed; Maven says why above.")
          .doesNotContain("[info]");
    }
  }

  /**
   * The cache of linked classes: made in the background, used when it is there, missed by nobody.
   */
  @Nested
  class StartCache {
    private static final String MAKES_CACHE =
        TELL_ARGUMENTS
            + """
            for argument in "$@"; do
              case $argument in
                -XX:AOTCacheOutput=*)
                  [[ -z ${BROKEN:-} ]] || exit 1
                  echo classes > "${argument#*=}" ;;
              esac
            done
            """;

    @BeforeEach
    void makeJava() throws IOException {
      script(jdk.resolve("bin/java"), MAKES_CACHE);
    }

    private Outcome start(Map<String, String> more, String... arguments) throws Exception {
      Map<String, String> environment = new HashMap<>(Map.of("JLORA_START_CACHE", ""));
      environment.putAll(more);
      return run(project.resolve("jlora"), environment, arguments);
    }

    private Path startup() {
      return temp.resolve(".jlora/startup");
    }

    private Path awaitCache() throws Exception {
      return awaitCaches(1).getFirst();
    }

    /** The finished caches: the work folder of each is gone when all is done. */
    private List<Path> awaitCaches(int count) throws Exception {
      for (int i = 0; i < 200; i++) {
        if (Files.isDirectory(startup())) {
          try (Stream<Path> files = Files.list(startup())) {
            List<Path> all = files.toList();
            List<Path> caches =
                all.stream().filter(file -> file.toString().endsWith(".aot")).toList();
            if (caches.size() == count && all.stream().noneMatch(Files::isDirectory)) {
              return caches;
            }
          }
        }
        Thread.sleep(50);
      }
      throw new AssertionError("got not %d caches in %s".formatted(count, startup()));
    }

    @Test
    void is_made_beside_the_first_start_and_used_by_the_next() throws Exception {
      assertThat(start(Map.of(), "info").text()).doesNotContain("AOTCache").endsWith("[info]");
      Path cache = awaitCache();
      assertThat(cache).hasContent("classes");

      assertThat(start(Map.of(), "info").lines()).contains("[-XX:AOTCache=" + cache + "]");
    }

    @Test
    void is_made_again_when_the_jars_are_newer() throws Exception {
      start(Map.of(), "info");
      Path cache = awaitCache();
      Files.writeString(cache, "old");
      Files.setLastModifiedTime(cache, FileTime.from(Instant.now().minusSeconds(3600)));

      assertThat(start(Map.of(), "info").text()).doesNotContain("AOTCache");
      for (int i = 0; i < 200 && Files.readString(cache).equals("old"); i++) {
        Thread.sleep(50);
      }
      assertThat(awaitCache()).hasContent("classes\n");
    }

    @Test
    void is_another_one_for_another_jdk() throws Exception {
      start(Map.of(), "info");
      Path cache = awaitCache();
      file(jdk.resolve("release"), "JAVA_VERSION=\"25.0.4\"\n");

      assertThat(start(Map.of(), "info").text()).doesNotContain(cache.toString());
      assertThat(awaitCaches(2)).contains(cache);
    }

    @Test
    void that_cannot_be_made_is_not_tried_at_every_start() throws Exception {
      start(Map.of("BROKEN", "1"), "info");
      Path cache = awaitCache();
      assertThat(cache).isEmptyFile();

      assertThat(start(Map.of(), "info").text()).doesNotContain("AOTCache").endsWith("[info]");
      assertThat(cache).isEmptyFile();
    }

    @Test
    void lies_where_the_user_says_and_a_bad_place_harms_nobody() throws Exception {
      Outcome outcome = start(Map.of("JLORA_CACHE", "/dev/null"), "info");

      assertThat(outcome.code()).isZero();
      assertThat(outcome.lines()).noneMatch(line -> line.contains("startup")).endsWith("[info]");
      assertThat(startup()).doesNotExist();
    }

    @Test
    void is_left_alone_when_told_so_and_not_made_beside_a_benchmark() throws Exception {
      start(Map.of("JLORA_START_CACHE", "never"), "info");
      start(Map.of(), "bench", "step");

      assertThat(startup()).doesNotExist();
    }
  }
}
