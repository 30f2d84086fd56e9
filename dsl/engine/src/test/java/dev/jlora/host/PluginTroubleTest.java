package dev.jlora.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugin folders as they get in the wild: each message names the jar, and the cause is kept. */
class PluginTroubleTest {
  private static final ClassLoader PARENT = PluginTroubleTest.class.getClassLoader();
  private static final int THIS_JAVA = Runtime.version().feature();

  @TempDir Path folder;

  @Test
  void a_constructor_that_throws_says_why() throws Exception {
    Path jar = jar("one.jar");
    PluginJars.writeBody(
        jar,
        "demo.OnePlugin",
        """
        public OnePlugin() {
          throw new IllegalStateException("no licence", new java.io.IOException("no such server"));
        }
        @Override public void configure(Binder binder) {}
        """);
    PluginException problem = problem();
    assertThat(problem)
        .hasMessage(
            "a plugin seen by one.jar cannot be loaded: demo.OnePlugin: IllegalStateException: no"
                + " licence, caused by IOException: no such server (in %s; remove it, or get the"
                + " one for this version)",
            jar)
        .hasRootCauseMessage("no such server");
  }

  @Test
  void a_static_initializer_that_throws_says_why() throws Exception {
    PluginJars.writeBody(
        jar("one.jar"),
        "demo.OnePlugin",
        """
        static final int SIZE = Integer.parseInt("x");
        @Override public void configure(Binder binder) {}
        """);
    assertThat(problem().getMessage())
        .startsWith("a plugin seen by one.jar cannot be loaded: demo.OnePlugin: ")
        .contains("NumberFormatException: For input string: \"x\"");
  }

  @Test
  void a_configure_that_throws_says_why() throws Exception {
    Path jar = jar("one.jar");
    PluginJars.writeBody(
        jar,
        "demo.OnePlugin",
        """
        @Override public void configure(Binder binder) {
          throw new IllegalArgumentException("settings.xml is missing");
        }
        """);
    assertThat(problem())
        .hasMessage(
            "plugin One (demo.OnePlugin in %s) cannot be used: its configure fails:"
                + " IllegalArgumentException: settings.xml is missing",
            jar)
        .hasRootCauseMessage("settings.xml is missing");
  }

  @Test
  void a_class_that_the_jar_lacks_is_named() throws Exception {
    Path jar = jar("one.jar");
    PluginJars.writeWithout(
        jar,
        "demo.OnePlugin",
        """
        static final class Helper { static String word() { return "x"; } }
        @Override public void configure(Binder binder) { Helper.word(); }
        """,
        "Helper");
    assertThat(problem().getMessage())
        .isEqualTo(
            "plugin One (demo.OnePlugin in %s) cannot be used: its configure fails: the class"
                    .formatted(jar)
                + " demo.OnePlugin$Helper is missing; pack the library that has it into the"
                + " plugin's jar, or put it on the class path");
  }

  @Test
  void a_jar_for_a_newer_java_says_which() throws Exception {
    PluginJars.writeVersion(jar("one.jar"), "demo.OnePlugin", 99);
    assertThat(problem())
        .message()
        .contains("one.jar", "demo.OnePlugin")
        .contains(
            "it was compiled for Java 55, and this is Java %d; compile it with --release %d"
                .formatted(THIS_JAVA, THIS_JAVA));
  }

  @Test
  void a_class_that_is_no_plugin_is_named() throws Exception {
    PluginJars.writeBroken(jar("one.jar"), "java.lang.String");
    assertThat(problem().getMessage())
        .contains("java.lang.String: it does not implement dev.jlora.spi.JloraPlugin");
  }

  @Test
  void a_file_that_is_no_jar_is_named() throws Exception {
    Path jar = Files.writeString(jar("one.jar"), "<html>404</html>");
    assertThat(problem().getMessage()).startsWith(jar + ": no jar that can be read (");
    Path inner = Files.createDirectories(jar("two.jar"));
    Files.delete(jar);
    assertThat(problem().getMessage())
        .isEqualTo(
            inner + ": no jar that can be read (it is a folder); remove it, or get a whole one");
  }

  @Test
  void every_jar_with_a_problem_is_told_and_the_others_are_listed() throws Exception {
    PluginJars.writeBroken(jar("a.jar"), "demo.Gone");
    PluginJars.write(jar("b.jar"), "demo.GoodPlugin", "wavy");
    PluginJars.writeVersion(jar("c.jar"), "demo.NewPlugin", 99);
    PluginSearch search = search();
    assertThat(search.found()).extracting(FoundPlugin::name).contains("Good");
    assertThat(search.problems()).hasSize(2);
    assertThatThrownBy(() -> Plugins.load(PARENT, folder))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("a.jar")
        .hasMessageContaining("c.jar");
  }

  @Test
  void a_damaged_jar_is_told_whatever_is_damaged() throws Exception {
    PluginJars.write(jar("good.jar"), "demo.GoodPlugin", "wavy");
    byte[] whole = Files.readAllBytes(jar("good.jar"));
    var random = new SplittableRandom(1);
    int told = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged =
          random.nextInt(4) == 0
              ? Arrays.copyOf(whole, random.nextInt(whole.length))
              : whole.clone();
      for (int flips = damaged.length == 0 ? 0 : random.nextInt(1, 4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(jar("good.jar"), damaged);
      try {
        Plugins.load(PARENT, folder).schedules().all();
      } catch (PluginException e) {
        assertThat(e).hasMessageContaining("good.jar");
        told++;
      }
    }
    assertThat(told).isGreaterThan(100);
  }

  @Test
  void a_jar_without_a_service_file_is_warned_of() throws Exception {
    PluginJars.writeLibrary(jar("library.jar"));
    assertThat(search().warnings())
        .containsExactly(
            jar("library.jar")
                + " contains no plugin: it has no META-INF/services/dev.jlora.spi.JloraPlugin; a"
                + " library belongs in the jar of the plugin that needs it");
    assertThat(Plugins.load(PARENT, folder).found())
        .isEqualTo(Plugins.load(PARENT, folder).found());
  }

  @Test
  void a_folder_that_is_no_folder_is_warned_of() throws Exception {
    Path file = Files.writeString(folder.resolve("plugins"), "");
    assertThat(PluginFolder.warning(file, true))
        .hasValue(
            file
                + ", which jlora.plugins or JLORA_PLUGINS names, is no folder: no plugin is taken"
                + " from there; name the folder that holds the jars");
    assertThat(PluginFolder.warning(folder.resolve("gone"), true))
        .hasValueSatisfying(warning -> assertThat(warning).contains("gone", "is not there"));
    assertThat(PluginFolder.warning(folder.resolve("gone"), false)).isEmpty();
    assertThat(PluginFolder.warning(folder, true)).isEmpty();
  }

  @Test
  void two_versions_of_a_plugin_are_named_once_with_both_jars() throws Exception {
    PluginJars.write(jar("wavy-1.0.jar"), "demo.OnePlugin", "wavy");
    PluginJars.write(jar("wavy-1.1.jar"), "demo.OnePlugin", "wavy");
    assertThat(problem().getMessage())
        .isEqualTo(
            "plugin One (demo.OnePlugin) is there twice, in %s and in %s; remove one of the two",
            jar("wavy-1.0.jar"), jar("wavy-1.1.jar"));
  }

  @Test
  void a_jar_that_the_class_path_hides_is_named() throws Exception {
    Path other = Files.createDirectories(folder.resolve("lib")).resolve("wavy-1.0.jar");
    PluginJars.write(other, "demo.OnePlugin", "wavy");
    PluginJars.write(jar("wavy-1.1.jar"), "demo.OnePlugin", "wavy");
    try (var classPath = new URLClassLoader(new URL[] {other.toUri().toURL()}, PARENT)) {
      PluginSearch search = PluginFinder.search(classPath, folder);
      assertThat(search.problems()).singleElement().asString().contains(other.toString(), "twice");
      Files.delete(jar("wavy-1.1.jar"));
      Files.createSymbolicLink(jar("wavy-1.1.jar"), other);
      assertThat(PluginFinder.search(classPath, folder).problems()).isEmpty();
    }
  }

  @Test
  void only_the_parts_that_are_asked_for_are_made() throws Exception {
    Path jar = jar("one.jar");
    PluginJars.writeBody(
        jar,
        "demo.OnePlugin",
        """
        public static class Good implements ScheduleFactory {
          @Override public String name() { return "good"; }
          @Override public Schedule create(long warmup, long total) { return step -> 0.25; }
        }
        public static class Bad extends Good {
          public Bad() { throw new IllegalStateException("no GPU for this one"); }
        }
        public static class Needy extends Good {
          public Needy(Runnable work) {}
        }
        @Override public void configure(Binder binder) {
          var schedules = Contributions.of(binder).in(ScheduleFactory.class);
          schedules.addBinding("good").to(Good.class);
          schedules.addBinding("bad").to(Bad.class);
        }
        """);
    Plugins plugins = Plugins.load(PARENT, folder);
    assertThat(plugins.schedules().names()).contains("good", "bad");
    assertThat(plugins.schedules().get("good").create(0, 1).factor(0)).isEqualTo(0.25);
    assertThat(plugins.schedules().get("good")).isSameAs(plugins.schedules().get("good"));
    assertThat(plugins.schedules().all()).hasSize(plugins.schedules().names().size() - 1);
    assertThatThrownBy(() -> plugins.schedules().get("bad"))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "schedule 'bad' of the plugin One (demo.OnePlugin in %s) cannot be made:"
                + " IllegalStateException: no GPU for this one",
            jar)
        .hasRootCauseMessage("no GPU for this one");
  }

  @Test
  void a_part_that_cannot_be_put_together_names_its_plugin() throws Exception {
    PluginJars.writeBody(
        jar("one.jar"),
        "demo.OnePlugin",
        """
        public static class Needy implements ScheduleFactory {
          public Needy(Runnable work) {}
          @Override public String name() { return "needy"; }
          @Override public Schedule create(long warmup, long total) { return step -> 0.25; }
        }
        @Override public void configure(Binder binder) {
          Contributions.of(binder).in(ScheduleFactory.class).addBinding("needy").to(Needy.class);
        }
        """);
    Plugins plugins = Plugins.load(PARENT, folder);
    assertThatThrownBy(() -> plugins.schedules().get("needy"))
        .isInstanceOf(PluginException.class)
        .hasMessageContainingAll("schedule 'needy'", "one.jar", "Needy");
  }

  @Test
  void a_name_that_one_plugin_binds_twice_is_its_own_mistake() throws Exception {
    Path jar = jar("one.jar");
    PluginJars.writeBody(
        jar,
        "demo.OnePlugin",
        """
        @Override public void configure(Binder binder) {
          for (int i = 0; i < 2; i++) {
            Contributions.of(binder).schedule(new ScheduleFactory() {
              @Override public String name() { return "wavy"; }
              @Override public Schedule create(long warmup, long total) { return step -> 0.5; }
            });
          }
        }
        """);
    assertThat(problem().getMessage())
        .isEqualTo(
            "schedule 'wavy' is bound twice by the plugin One (demo.OnePlugin in %s); give one of"
                + " the two another name",
            jar);
  }

  @Test
  void an_exception_out_of_a_plugin_leads_to_its_jar() throws Exception {
    PluginJars.writeBody(
        jar("one.jar"),
        "demo.OnePlugin",
        """
        @Override public void configure(Binder binder) {
          Contributions.of(binder).schedule(new ScheduleFactory() {
            @Override public String name() { return "wavy"; }
            @Override public Schedule create(long warmup, long total) {
              throw new UnsupportedOperationException();
            }
          });
        }
        """);
    var schedule = Plugins.load(PARENT, folder).schedules().get("wavy");
    var thrown =
        catchThrowableOfType(UnsupportedOperationException.class, () -> schedule.create(0, 1));
    assertThat(Failure.jar(thrown)).hasValue("one.jar");
    assertThat(Failure.jar(new IllegalStateException("ours"))).isEmpty();
  }

  @Test
  void a_name_that_only_an_absent_plugin_knew_says_where_its_jar_would_be_found() throws Exception {
    PluginJars.write(jar("one.jar"), "demo.OnePlugin", "wavy");
    Plugins plugins = Plugins.load(PARENT, folder);
    assertThatThrownBy(() -> plugins.schedules().get("cosine-with-restarts"))
        .hasMessage(
            "schedule: got 'cosine-with-restarts', expected one of 'wavy'; if a plugin provides"
                + " 'cosine-with-restarts', its jar is neither on the class path nor in "
                + PluginFolder.path());
    assertThatThrownBy(() -> plugins.schedules().get("wavi"))
        .hasMessage("schedule: got 'wavi', expected one of 'wavy'");
    assertThatThrownBy(() -> plugins.specTypes().adapter("vera"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plugins.specTypes().parameters("schedule", "stairs"))
        .hasMessageContaining("if a plugin provides 'stairs'");
    assertThat(Plugins.of().specTypes().parameters("optimizer", "adamw")).isNull();
    assertThatThrownBy(() -> Plugins.of().specTypes().parameters("callback", "bell"))
        .hasMessage(
            "got 'bell', and no plugin provides any callback; put its jar on the class path or into"
                + " "
                + PluginFolder.path());
  }

  private Path jar(String name) {
    return folder.resolve(name);
  }

  private PluginSearch search() {
    return PluginFinder.search(PARENT, folder).configured();
  }

  /** The only problem of the folder; loading it fails with that. */
  private PluginException problem() {
    List<PluginException> problems = search().problems();
    assertThat(problems).hasSize(1);
    assertThatThrownBy(() -> Plugins.load(PARENT, folder))
        .isInstanceOf(PluginException.class)
        .hasMessage(problems.getFirst().getMessage());
    return problems.getFirst();
  }
}
