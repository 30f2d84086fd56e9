package dev.jlora.vit;

import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.named;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.Aliases;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spi.ConfigChecks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** ViT's transformers classes as declared architectures. */
final class ViTArchitectures {
  static final String BASE = "ViTModel";
  static final String CLASSIFIER = "ViTForImageClassification";
  static final String IMAGES = "pixel_values";

  static final List<String> NAMES = List.of(BASE, CLASSIFIER);

  /** Modules of ViT checkpoints other than the encoder. */
  private static final List<String> ALL_HEADS =
      List.of("vit.pooler", "pooler", "classifier", "decoder", "vit.embeddings.mask_token");

  /** The module names in memory of transformers 5 and newer. */
  private static final Aliases NEWER = new Aliases(newer());

  private ViTArchitectures() {}

  static Architecture declare(ModelConfig source, String name) {
    ViTConfig config = ViTConfig.of(source);
    ViTLayers vit = new ViTLayers(config);
    Architecture.Builder architecture =
        Architecture.named(name)
            .inputs(IMAGES)
            .basePrefix("vit")
            .otherHeads(ALL_HEADS)
            .maxPositions(1 + (long) config.patchesAcross() * config.patchesAcross())
            .aliases(NEWER);
    return switch (name) {
      case BASE ->
          architecture
              .heads("pooler")
              .outputs("last_hidden_state", "pooler_output")
              .root(vit.encoder(), firstToken(), vit.pooler());
      case CLASSIFIER ->
          architecture
              .heads("classifier")
              .root(named("vit", vit.encoder()), firstToken(), vit.classifier());
      default -> throw ConfigChecks.noArchitecture(source, "ViT", name, NAMES);
    };
  }

  private static Map<String, String> newer() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("encoder.layer", "layers");
    parts.put("attention.attention.query", "attention.q_proj");
    parts.put("attention.attention.key", "attention.k_proj");
    parts.put("attention.attention.value", "attention.v_proj");
    parts.put("attention.output.dense", "attention.o_proj");
    parts.put("intermediate.dense", "mlp.fc1");
    parts.put("output.dense", "mlp.fc2");
    return parts;
  }
}
