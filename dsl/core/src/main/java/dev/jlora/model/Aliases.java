package dev.jlora.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A second set of module names of a family, as pairs of name parts: newer versions of transformers
 * call ViT's {@code encoder.layer.0.attention.attention.query} {@code layers.0.attention.q_proj},
 * and checkpoints and adapters with either exist.
 *
 * @param parts from a part of a name in this model to its other name, both dotted and complete
 *     ({@code encoder.layer} to {@code layers}); applied in this order
 */
public record Aliases(Map<String, String> parts) {
  public static final Aliases NONE = new Aliases(Map.of());

  public Aliases {
    parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** The other name; {@code name} itself if there is none. */
  public String of(String name) {
    String dotted = "." + name + ".";
    for (Map.Entry<String, String> part : parts.entrySet()) {
      dotted = dotted.replace("." + part.getKey() + ".", "." + part.getValue() + ".");
    }
    return dotted.substring(1, dotted.length() - 1);
  }
}
