package dev.jlora.vit;

import static dev.jlora.spi.ConfigChecks.positive;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.spi.ConfigChecks;

/**
 * The values of a ViT config.json that shape the model, checked. Defaults are transformers'.
 *
 * @param interpolate whether images of another size than {@code image} are taken; a key of our own,
 *     since transformers has it as an argument of forward
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
    int hidden = positive(config, "hidden_size", 768);
    ViTConfig vit =
        new ViTConfig(
            positive(config, "image_size", 224),
            positive(config, "patch_size", 16),
            positive(config, "num_channels", 3),
            hidden,
            positive(config, "num_hidden_layers", 12),
            positive(config, "num_attention_heads", 12),
            positive(config, "intermediate_size", 3072),
            config.text("hidden_act", "gelu"),
            config.number("hidden_dropout_prob", 0),
            config.number("attention_probs_dropout_prob", 0),
            config.flag("qkv_bias", true),
            config.number("layer_norm_eps", 1e-12),
            positive(config, "pooler_output_size", hidden),
            config.text("pooler_act", "tanh"),
            config.flag("interpolate_pos_encoding", true),
            config.numLabels(),
            Init.normal(config.number("initializer_range", 0.02)));
    ConfigChecks.multiple(config, "hidden_size", vit.hidden(), "num_attention_heads", vit.heads());
    if (vit.patchesAcross() == 0) {
      throw new FormatException(
          config.source(),
          "patch_size %d is larger than image_size %d.".formatted(vit.patch(), vit.image()),
          "Check both against the model's own config.json.");
    }
    return vit;
  }

  /** Patches from left to right, and from top to bottom. */
  int patchesAcross() {
    return image / patch;
  }
}
