package dev.jlora.engine.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.ModelConfig;
import java.util.HashSet;
import java.util.Set;

/**
 * The ids that generation needs to know.
 *
 * @param ends ids that end a text; none where a text never ends by itself
 * @param padding fills up shorter prompts, and rows that have ended; it is masked
 */
public record SpecialIds(Set<Integer> ends, int padding) {
  public SpecialIds {
    ends = Set.copyOf(ends);
  }

  /** What a config.json says: {@code eos_token_id}, one or several, and {@code pad_token_id}. */
  public static SpecialIds of(ModelConfig config) {
    Set<Integer> ends = ends(config);
    int padding = config.integer("pad_token_id", ends.isEmpty() ? 0 : ends.iterator().next());
    return new SpecialIds(ends, Math.max(0, padding));
  }

  /** {@code eos_token_id} of a config.json or a generation_config.json: none, one or several. */
  public static Set<Integer> ends(ModelConfig config) {
    Set<Integer> ends = new HashSet<>();
    JsonNode named = config.json().path("eos_token_id");
    if (named.isIntegralNumber()) {
      ends.add(named.intValue());
    }
    named.forEach(id -> ends.add(id.asInt()));
    return ends;
  }
}
