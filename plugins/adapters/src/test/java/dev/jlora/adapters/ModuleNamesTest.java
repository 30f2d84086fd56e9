package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spec.Targets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
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
    assertThat(ModuleNames.matches(Targets.regex(".*\\.self\\.(query|key)"), QUERY)).isTrue();
    assertThat(ModuleNames.matches(Targets.regex("self\\.query"), QUERY)).isFalse();
    assertThat(ModuleNames.matches(Targets.regex(".*self"), QUERY)).isFalse();
  }

  @Test
  void named_groups_may_be_written_as_in_python() {
    assertThat(ModuleNames.ofPattern(Map.of("(?P<which>query|key)", 4), QUERY, 8)).isEqualTo(4);
  }

  @Test
  void the_first_pattern_that_matches_an_end_at_a_dot_decides() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("uery", 1);
    ranks.put("^bert.encoder.layer.1.attention.self.query", 2);
    ranks.put("layer.0.attention.self.query", 3);
    ranks.put("query", 4);
    assertThat(ModuleNames.ofPattern(ranks, QUERY, 8)).isEqualTo(3);
    assertThat(ModuleNames.ofPattern(ranks, QUERY.replace(".0.", ".1."), 8)).isEqualTo(2);
    assertThat(ModuleNames.ofPattern(ranks, "bert.query", 8)).isEqualTo(4);
    assertThat(ModuleNames.ofPattern(ranks, "bert.key", 8)).isEqualTo(8);
  }

  @Test
  void the_layer_of_a_path_is_the_number_after_the_pattern() {
    assertThat(ModuleNames.layerOf(QUERY, "layer")).isEqualTo(0);
    assertThat(ModuleNames.layerOf(QUERY, "")).isEqualTo(0);
    assertThat(ModuleNames.layerOf(QUERY, "h")).isEqualTo(-1);
    assertThat(ModuleNames.layerOf("bert.encoder.layer.12.output.dense", "h|layer")).isEqualTo(12);
    assertThat(ModuleNames.layerOf("bert.pooler.dense", "")).isEqualTo(-1);
  }
}
