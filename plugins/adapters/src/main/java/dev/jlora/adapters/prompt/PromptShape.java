package dev.jlora.adapters.prompt;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.ModelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of an adapter's virtual tokens: those of its spec, and for the open ones those that
 * PEFT reads from the model's configuration.
 *
 * @param tokens n, the number of virtual tokens
 * @param width of a token: of the model's embeddings, or key heads times their size for a prefix
 * @param heads number of heads; of keys for a prefix
 * @param layers number of attention layers
 */
record PromptShape(int tokens, int width, int heads, int layers) {
  private static final List<String> LAYERS =
      List.of("num_hidden_layers", "num_layers", "n_layer", "n_layers");
  private static final List<String> WIDTH = List.of("hidden_size", "n_embd", "d_model", "dim");
  private static final List<String> HEADS =
      List.of("num_attention_heads", "n_head", "num_heads", "encoder_attention_heads", "n_heads");
  private static final String KEY_HEADS = "num_key_value_heads";

  /**
   * @param config the model's; null if there is none, and the spec must have everything
   * @param prefix whether the tokens are keys and values, which grouped-query attention has fewer
   *     of; these sizes of the configuration replace those of the spec, as in PEFT
   * @throws ModelException naming a size that neither has
   */
  static PromptShape of(PromptSpec spec, @Nullable ModelConfig config, boolean prefix) {
    int layers = size("num_layers", spec.numLayers(), config, LAYERS);
    int width = size("token_dim", spec.tokenDim(), config, WIDTH);
    int heads = size("num_attention_heads", spec.numAttentionHeads(), config, HEADS);
    if (prefix && config != null && config.has(KEY_HEADS)) {
      int size = config.integer("head_dim", width / heads);
      heads = config.integer(KEY_HEADS);
      width = heads * size;
    }
    if (prefix && width % heads != 0) {
      throw new ModelException(
          "token_dim: got %,d for %,d heads, expected a multiple (heads times the size of a head)"
              .formatted(width, heads));
    }
    return new PromptShape(spec.numVirtualTokens(), width, heads, layers);
  }

  /** The sizes of a saved adapter, which its file must have. */
  static PromptShape saved(PromptSpec spec) {
    return of(spec, null, false);
  }

  private static int size(
      String key, @Nullable Integer given, @Nullable ModelConfig config, List<String> names) {
    if (given != null) {
      return given;
    }
    for (String name : names) {
      if (config != null && config.has(name)) {
        return config.integer(name);
      }
    }
    throw new ModelException(
        "%s: got none, and the model's configuration has none of %s; set it".formatted(key, names));
  }

  /** The number of keys and values of a virtual token in all layers. */
  long keysAndValues() {
    return 2L * layers * width;
  }
}
