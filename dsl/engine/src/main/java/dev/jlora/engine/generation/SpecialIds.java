package dev.jlora.engine.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The special tokens for generation.
 *
 * @param ends tokens that end a text; empty if a text never ends by itself
 * @param padding fills up shorter prompts, and rows that have ended; it is masked
 */
public record SpecialIds(Set<Integer> ends, int padding) {
  private static final String END = "eos_token_id";

  public SpecialIds {
    ends = Set.copyOf(ends);
  }

  /**
   * The tokens in a config.json: {@code eos_token_id}, one or several, and {@code pad_token_id}.
   */
  public static SpecialIds of(ModelConfig config) {
    Set<Integer> ends = ends(config);
    int padding = config.integer("pad_token_id", ends.isEmpty() ? 0 : ends.iterator().next());
    return new SpecialIds(ends, Math.max(0, padding));
  }

  /** {@code eos_token_id} of a config.json or a generation_config.json: none, one or several. */
  public static Set<Integer> ends(ModelConfig config) {
    Set<Integer> ends = new HashSet<>();
    JsonNode named = config.json().path(END);
    if (named.isNull() || named.isMissingNode()) {
      return ends;
    }
    for (JsonNode id : named.isArray() ? named : List.of(named)) {
      if (!id.isInt() || id.intValue() < 0) {
        throw new FormatException(
            config.source(),
            "key '%s' is %s, expected an id of a token, or a list of such.".formatted(END, id),
            "Correct it: without it no text would end by itself.");
      }
      ends.add(id.intValue());
    }
    return ends;
  }
}
