package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.ModelFamily;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The keys of adapter_config.json, their defaults and the default targets are PEFT's. {@code
 * resources/peft-defaults/make.py} read them from PEFT's source.
 */
class PeftDefaultsTest {
  private static final Plugins PLUGINS = Plugins.load();
  private static final Path FILES = Path.of("src/test/resources/peft-defaults");
  private static final ObjectNode DEFAULTS = Json.readObject(FILES.resolve("defaults.json"));
  private static final ObjectNode TARGETS = Json.readObject(FILES.resolve("targets.json"));

  /** What a saved adapter says of itself, and a new configuration does not. */
  private static final List<String> OF_A_FILE =
      List.of("base_model_name_or_path", "inference_mode", "peft_version");

  /** Methods without a table in PEFT, whose default is the input embeddings of any model. */
  private static final List<String> OF_THE_EMBEDDINGS = List.of("TRAINABLE_TOKENS");

  static Stream<TargetedMethod<?>> methods() {
    return PLUGINS.adapters().all().stream()
        .filter(method -> DEFAULTS.has(method.peftType()))
        .filter(TargetedMethod.class::isInstance)
        .map(method -> (TargetedMethod<?>) method);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void keys_and_defaults_are_pefts(TargetedMethod<?> method) {
    assertThat(sorted(method.traits().defaults()))
        .isEqualTo(sorted((ObjectNode) DEFAULTS.get(method.peftType())));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void default_targets_are_pefts_for_the_families_that_it_knows(AdapterMethod<?> method) {
    JsonNode table = TARGETS.path(method.peftType());
    assertThat(table.isObject())
        .as(method.peftType())
        .isNotEqualTo(OF_THE_EMBEDDINGS.contains(method.peftType()));
    for (ModelFamily family : PLUGINS.families().all()) {
      if (table.has(family.modelType())) {
        List<String> own = method.defaultTargets(family.modelType());
        List<String> used = own.isEmpty() ? family.defaultTargets() : own;
        List<String> expected = new ArrayList<>();
        table.get(family.modelType()).forEach(name -> expected.add(name.asText()));
        assertThat(used)
            .as("%s on %s", method.name(), family.modelType())
            .containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  private static Map<String, JsonNode> sorted(ObjectNode json) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    json.properties().stream()
        .filter(entry -> !OF_A_FILE.contains(entry.getKey()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
