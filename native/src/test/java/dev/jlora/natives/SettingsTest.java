package dev.jlora.natives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.natives.NativeTorch.Source;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static Settings settings(Map<String, String> properties, Map<String, String> variables) {
    return Settings.of(properties::get, variables);
  }

  @Test
  void without_any_setting_mavens_natives_are_taken() {
    Settings settings = settings(Map.of(), Map.of());

    assertThat(settings.source()).isEqualTo(Source.MAVEN);
    assertThat(settings.libtorch()).isNull();
    assertThat(settings.cache()).isEqualTo(Path.of(System.getProperty("user.home"), ".jlora"));
    assertThat(settings.fullVerification()).isFalse();
  }

  @Test
  void the_property_wins_over_the_environment() {
    Settings settings =
        settings(Map.of("jlora.libtorch", "/property"), Map.of("JLORA_LIBTORCH", "/variable"));

    assertThat(settings.source()).isEqualTo(Source.PROPERTY);
    assertThat(settings.libtorch()).isEqualTo(Path.of("/property"));
  }

  @Test
  void the_environment_is_asked_next() {
    Settings settings = settings(Map.of(), Map.of("JLORA_LIBTORCH", "/variable"));

    assertThat(settings.source()).isEqualTo(Source.ENVIRONMENT);
    assertThat(settings.libtorch()).isEqualTo(Path.of("/variable"));
  }

  @Test
  void an_empty_setting_is_none() {
    assertThat(settings(Map.of("jlora.libtorch", " "), Map.of("JLORA_LIBTORCH", "")).source())
        .isEqualTo(Source.MAVEN);
  }

  @Test
  void the_cache_moves_and_digests_are_compared_on_request() {
    assertThat(settings(Map.of(), Map.of("JLORA_CACHE", "/here")).cache())
        .isEqualTo(Path.of("/here"));
    assertThat(settings(Map.of("jlora.verify", "full"), Map.of()).fullVerification()).isTrue();
  }
}
