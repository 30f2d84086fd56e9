package dev.jlora.vit;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.spi.ConfigChecks;

/**
 * The values of a ViT config.json that determine the model, validated. Defaults are transformers'.
 *
 * @param interpolate whether images of a size other than {@code image} are accepted; jlora's own
 *     key, since transformers has it as an argument of forward
 */
record ViTConfig(
    int image,
    int patch,
    int channels,
    int hidden,
    int layers,
    int heads,
    int inner,
    String activation,
    double hiddenDropout,
    double attentionDropout,
    boolean biasInAttention,
    double epsilon,
    int pooled,
    String poolerActivation,
    boolean interpolate,
    int labels,
    Init init) {

  static ViTConfig of(ModelConfig config) {
    int hidden = ConfigChecks.width(config, "hidden_size", 768);
    ViTConfig vit =
        new ViTConfig(
            ConfigChecks.pixels(config, "image_size", 224),
            ConfigChecks.pixels(config, "patch_size", 16),
            ConfigChecks.width(config, "num_channels", 3),
            hidden,
            ConfigChecks.layers(config, "num_hidden_layers", 12),
            ConfigChecks.heads(config, "num_attention_heads", 12),
            ConfigChecks.width(config, "intermediate_size", 3072),
            config.text("hidden_act", "gelu"),
            ConfigChecks.dropout(config, "hidden_dropout_prob", 0),
            ConfigChecks.dropout(config, "attention_probs_dropout_prob", 0),
            config.flag("qkv_bias", true),
            ConfigChecks.epsilon(config, "layer_norm_eps", 1e-12),
            ConfigChecks.width(config, "pooler_output_size", hidden),
            config.text("pooler_act", "tanh"),
            config.flag("interpolate_pos_encoding", true),
            config.numLabels(),
            Init.normal(ConfigChecks.deviation(config, "initializer_range", 0.02)));
    ConfigChecks.multiple(config, "hidden_size", vit.hidden(), "num_attention_heads", vit.heads());
    if (vit.patchesAcross() == 0) {
      throw new FormatException(
          config.source(),
          "patch_size %d is larger than image_size %d.".formatted(vit.patch(), vit.image()),
          "Check both against the model's own config.json.");
    }
    return vit;
  }

  /** Number of patches per row and per column. */
  int patchesAcross() {
    return image / patch;
  }
}
