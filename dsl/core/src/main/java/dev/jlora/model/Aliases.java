package dev.jlora.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The other naming that modules of a family go by, as pairs of name parts: newer transformers call
 * {@code encoder.layer.0.attention.attention.query} of ViT {@code layers.0.attention.q_proj}, and
 * checkpoints and adapters in the wild carry either.
 *
 * @param parts from a part of a name in this model to the other name for it, both dotted and whole
 *     ({@code encoder.layer} to {@code layers}); applied one after the other, in this order
 */
public record Aliases(Map<String, String> parts) {
  public static final Aliases NONE = new Aliases(Map.of());

  public Aliases {
    parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** The other name; {@code name} itself where it has none. */
  public String of(String name) {
    String dotted = "." + name + ".";
    for (Map.Entry<String, String> part : parts.entrySet()) {
      dotted = dotted.replace("." + part.getKey() + ".", "." + part.getValue() + ".");
    }
    return dotted.substring(1, dotted.length() - 1);
  }
}
