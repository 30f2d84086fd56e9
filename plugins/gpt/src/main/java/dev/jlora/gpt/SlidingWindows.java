package dev.jlora.gpt;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spi.ConfigChecks;
import java.util.List;
import java.util.stream.IntStream;

/** Reads the sliding window of each layer from Mistral's and Qwen2's keys. */
final class SlidingWindows {
  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";
  private static final int USUAL = 4096;

  private SlidingWindows() {}

  /** The window of every layer; 0 if a token attends to all before it. */
  static List<Integer> of(ModelConfig config, LlamaVariant variant, int layers) {
    int window =
        switch (variant) {
          case LLAMA -> 0;
          case MISTRAL -> window(config);
          case QWEN2 -> config.flag("use_sliding_window", false) ? window(config) : 0;
        };
    List<String> types = config.texts("layer_types");
    if (!types.isEmpty()) {
      return ofTypes(config, variant, types, layers, window);
    }
    int first = variant == LlamaVariant.QWEN2 ? config.integer("max_window_layers", 28) : 0;
    return IntStream.range(0, layers).mapToObj(layer -> layer >= first ? window : 0).toList();
  }

  /** The configured window; null means none. */
  private static int window(ModelConfig config) {
    String key = "sliding_window";
    boolean none = config.json().path(key).isNull();
    return none ? 0 : ConfigChecks.positive(config, key, USUAL);
  }

  /**
   * Only Qwen2 chooses by layer; for the others a list may only repeat the setting that applies
   * anyway.
   */
  private static List<Integer> ofTypes(
      ModelConfig config, LlamaVariant variant, List<String> types, int layers, int window) {
    if (types.size() != layers) {
      throw refused(
          config,
          "layer_types has %d entries, expected one for each of the %d layers."
              .formatted(types.size(), layers));
    }
    for (String type : types) {
      boolean known = type.equals(FULL) || type.equals(SLIDING);
      boolean possible = !type.equals(SLIDING) || window > 0;
      boolean everywhere = type.equals(window > 0 ? SLIDING : FULL);
      if (!known || !possible || (variant != LlamaVariant.QWEN2 && !everywhere)) {
        throw refused(
            config,
            "layer_types has '%s', which %s with %s cannot be."
                .formatted(
                    type,
                    variant.title(),
                    window > 0 ? "a sliding_window of " + window : "no sliding_window"));
      }
    }
    return types.stream().map(type -> type.equals(SLIDING) ? window : 0).toList();
  }

  private static FormatException refused(ModelConfig config, String what) {
    return new FormatException(
        config.source(), what, "Check it against the model's own config.json.");
  }
}
