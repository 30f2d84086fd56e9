package dev.jlora.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Schedule;
import dev.jlora.spi.ScheduleFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
  @TempDir Path folder;

  @Test
  void parts_are_found_by_name() {
    Plugins plugins = Plugins.of(new FlatPlugin(), new SteepPlugin());
    assertThat(plugins.schedules().names()).containsExactly("flat", "steep");
    assertThat(plugins.schedules().get("flat").create(0, 10).factor(3)).isEqualTo(1);
    assertThat(plugins.schedules().find("gone")).isEmpty();
    assertThat(plugins.found()).extracting(FoundPlugin::name).containsExactly("Flat", "Steep");
  }

  @Test
  void an_unknown_name_lists_those_that_exist_the_likeliest_first() {
    assertThatThrownBy(
            () -> Plugins.of(new FlatPlugin(), new SteepPlugin()).schedules().get("step"))
        .isInstanceOf(PluginException.class)
        .hasMessage("schedule: got 'step', expected one of 'steep', 'flat'");
  }

  @Test
  void a_kind_that_nobody_brings_says_where_to_put_a_plugin() {
    assertThatThrownBy(() -> Plugins.of().metrics().get("accuracy"))
        .hasMessage(
            "metric 'accuracy': no plugin provides any metric; put its jar on the class path or"
                + " into "
                + PluginFolder.path());
  }

  @Test
  void a_jar_in_the_plugin_folder_is_enough() throws Exception {
    PluginJars.write(folder.resolve("one.jar"), "demo.OnePlugin", "wavy");
    Plugins plugins = Plugins.load(getClass().getClassLoader(), folder);
    assertThat(plugins.schedules().names()).contains("wavy");
    assertThat(plugins.found())
        .anySatisfy(
            found -> assertThat(found.source()).isEqualTo(folder.resolve("one.jar").toString()));
  }

  @Test
  void a_name_claimed_twice_names_both_plugins_and_both_jars() throws Exception {
    PluginJars.write(folder.resolve("one.jar"), "demo.OnePlugin", "wavy");
    PluginJars.write(folder.resolve("two.jar"), "demo.TwoPlugin", "wavy");
    assertThatThrownBy(() -> Plugins.load(getClass().getClassLoader(), folder))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "schedule 'wavy' is claimed by two plugins: One (demo.OnePlugin in %s) and Two"
                + " (demo.TwoPlugin in %s); remove one of the two",
            folder.resolve("one.jar"), folder.resolve("two.jar"));
  }

  @Test
  void a_jar_whose_plugin_cannot_be_loaded_is_named() throws Exception {
    PluginJars.writeBroken(folder.resolve("broken.jar"), "demo.Gone");
    assertThatThrownBy(() -> Plugins.load(getClass().getClassLoader(), folder))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("a plugin seen by broken.jar cannot be loaded: ")
        .hasMessageContaining("demo.Gone");
  }

  @Test
  void no_plugin_folder_is_no_problem() {
    Path absent = folder.resolve("absent");
    assertThat(Files.exists(absent)).isFalse();
    assertThat(PluginFolder.jars(absent)).isEmpty();
  }

  /** Brings one schedule. */
  static final class FlatPlugin implements JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder).schedule(new Constant("flat"));
    }
  }

  /** Brings another. */
  static final class SteepPlugin implements JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder).schedule(new Constant("steep"));
    }
  }

  record Constant(String name) implements ScheduleFactory {
    @Override
    public Schedule create(long warmupSteps, long totalSteps) {
      return _ -> 1;
    }
  }
}
