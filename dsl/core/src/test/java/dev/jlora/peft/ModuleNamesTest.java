package dev.jlora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.jlora.model.ModelException;
import dev.jlora.spec.PythonRegex;
import dev.jlora.spec.Targets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Names mean modules as they do in PEFT. */
class ModuleNamesTest {
  private static final String QUERY = "bert.encoder.layer.0.attention.self.query";

  @Provide
  Arbitrary<List<String>> paths() {
    return Arbitraries.of("bert", "layer", "0", "11", "query", "self", "dense", "q_lin")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Property
  void every_dotted_end_of_a_path_names_it(@ForAll("paths") List<String> parts, @ForAll int cut) {
    int from = Math.floorMod(cut, parts.size());
    String end = String.join(".", parts.subList(from, parts.size()));
    assertThat(ModuleNames.isNamed(String.join(".", parts), end)).isTrue();
  }

  @Property
  void an_end_that_cuts_a_name_in_two_names_nothing(@ForAll("paths") List<String> parts) {
    String path = String.join(".", parts);
    String last = parts.getLast();
    if (last.length() > 1 && !last.substring(1).contains(".")) {
      assertThat(ModuleNames.isNamed(path, last.substring(1))).isFalse();
    }
    assertThat(ModuleNames.isNamed(path, "x" + path)).isFalse();
  }

  @Test
  void a_regular_expression_matches_the_whole_path() {
    assertThat(matches(Targets.regex(".*\\.self\\.(query|key)"), QUERY)).isTrue();
    assertThat(matches(Targets.regex("self\\.query"), QUERY)).isFalse();
    assertThat(matches(Targets.regex(".*self"), QUERY)).isFalse();
  }

  @Test
  void named_groups_are_written_as_in_python() {
    assertThat(ofPattern(Map.of("(?P<which>query|key)", 4), QUERY)).isEqualTo(4);
    assertThat(matches(Targets.regex(".*\\.(?P<layer_no>0|2)\\..*(?P<n>query|up)"), QUERY))
        .isTrue();
  }

  @Test
  void the_first_pattern_that_matches_an_end_at_a_dot_decides() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("uery", 1);
    ranks.put("^bert.encoder.layer.1.attention.self.query", 2);
    ranks.put("layer.0.attention.self.query", 3);
    ranks.put("query", 4);
    assertThat(ofPattern(ranks, QUERY)).isEqualTo(3);
    assertThat(ofPattern(ranks, QUERY.replace(".0.", ".1."))).isEqualTo(2);
    assertThat(ofPattern(ranks, "bert.query")).isEqualTo(4);
    assertThat(ofPattern(ranks, "bert.key")).isEqualTo(8);
  }

  @Test
  void the_layer_of_a_path_is_the_first_number_after_the_pattern() {
    assertThat(layerOf(QUERY, "layer")).hasValue(0);
    assertThat(layerOf(QUERY, null)).hasValue(0);
    assertThat(layerOf(QUERY, "h")).isEmpty();
    assertThat(layerOf("bert.encoder.layer.12.output.dense", "(h|layer)")).hasValue(12);
    assertThat(layerOf("model.layers.1.experts.0.up", null)).hasValue(1);
    assertThat(layerOf("bert.pooler.dense", "")).isEmpty();
  }

  @Test
  void an_expression_that_backtracks_for_ever_is_an_error_in_no_time() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          for (String slow :
              List.of("((([a-z.0-9]+)+)+)+#", "(.*)*(.*)*(.*)*(.*)*#", "(.+)+\\1+#")) {
            assertThatThrownBy(() -> matches(Targets.regex(slow), QUERY))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("target_modules: the regular expression '" + slow)
                .hasMessageContaining("takes more than 1,000,000 steps on the name '" + QUERY);
            assertThatThrownBy(() -> ofPattern(Map.of(slow, 4), QUERY))
                .hasMessageContaining("rank_pattern: the regular expression");
          }
        });
  }

  private static boolean matches(Targets targets, String path) {
    return ModuleMatcher.of("target_modules", targets, new PythonRegex.Budget()).matches(path);
  }

  private static int ofPattern(Map<String, Integer> patterns, String path) {
    return new PatternValues<>("rank_pattern", patterns, new PythonRegex.Budget())
        .of(List.of(path), 8);
  }

  private static OptionalInt layerOf(String path, @Nullable String before) {
    return new LayerIndex(before, new PythonRegex.Budget()).of(path);
  }
}
