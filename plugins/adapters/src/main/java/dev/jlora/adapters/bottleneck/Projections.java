package dev.jlora.adapters.bottleneck;

import dev.jlora.spec.Targets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The output projections of a family's blocks, where the adapters library puts its adapters.
 *
 * @param attention the end of the name of the attention's
 * @param feedforward the end of the name of the feed-forward's
 * @param shared a name that ends both and means the feed-forward's after the layer index only;
 *     empty for none
 */
record Projections(String attention, String feedforward, String shared) {

  static @Nullable Projections of(String modelType) {
    return switch (modelType) {
      case "bert", "roberta", "xlm-roberta", "vit" ->
          new Projections("attention.output.dense", "output.dense", "layer");
      case "distilbert" -> new Projections("attention.out_lin", "ffn.lin2", "");
      case "gpt2" -> new Projections("attn.c_proj", "mlp.c_proj", "");
      case "llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2" ->
          new Projections("self_attn.o_proj", "mlp.down_proj", "");
      default -> null;
    };
  }

  /** The targets for one or both. */
  Targets targets(boolean afterAttention, boolean afterFeedforward) {
    if (!shared.isEmpty() && afterFeedforward) {
      return afterAttention
          ? Targets.names(feedforward)
          : Targets.regex(
              ".*\\.%s\\.[0-9]+\\.%s".formatted(shared, feedforward.replace(".", "\\.")));
    }
    List<String> names = new ArrayList<>();
    if (afterAttention) {
      names.add(attention);
    }
    if (afterFeedforward) {
      names.add(feedforward);
    }
    return new Targets.Names(names);
  }
}
