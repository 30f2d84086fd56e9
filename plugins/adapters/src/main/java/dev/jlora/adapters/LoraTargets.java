package dev.jlora.adapters;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.PatternValues;
import dev.jlora.peft.Ranks;
import dev.jlora.spec.LoftqSpec;
import dev.jlora.spec.LoraSpec;
import java.util.List;

/** The LoRA pairs of a spec, each with its rank and alpha. */
final class LoraTargets implements AdapterTargets {
  private final LoraSpec spec;
  private final LoraStart start;
  private final Ranks ranks;

  /**
   * @param saved whether the spec is that of a saved adapter, which is stored as it was read
   */
  LoraTargets(LoraSpec spec, boolean saved) {
    refuseUnsupported(spec);
    this.spec = spec;
    LoftqSpec loftq = spec.loftqConfig() == null ? LoftqSpec.defaults() : spec.loftqConfig();
    this.start = new LoraStart(spec.initLoraWeights(), loftq, !saved, null);
    this.ranks = new Ranks(spec.rank(), spec.alpha(), spec.rankPattern(), spec.alphaPattern());
  }

  private static void refuseUnsupported(LoraSpec spec) {
    String key =
        spec.trainableTokenIndices() != null
            ? "trainable_token_indices"
            : !spec.layerReplication().isEmpty()
                ? "layer_replication"
                : spec.targetParameters().isEmpty() ? "" : "target_parameters";
    if (!key.isEmpty()) {
      throw new ModelException(key + " is not supported");
    }
  }

  @Override
  public List<PatternValues<?>> patterns() {
    return ranks.patterns();
  }

  @Override
  public AdapterTarget target(TargetModule module, List<String> names) {
    int rank = ranks.rank(module, names);
    double alpha = ranks.alpha(names);
    if (spec.loraBias() && module.kind() == TargetModule.Kind.EMBEDDING) {
      throw new ModelException(
          "lora_bias: %s is an embedding, which takes none; exclude it, or leave lora_bias out"
              .formatted(module.path()));
    }
    start.check(module, rank);
    return new LoraTarget(
        module,
        rank,
        alpha,
        spec.scaling(rank, alpha),
        spec.dropout(),
        start,
        spec.useDora(),
        spec.loraBias());
  }
}
