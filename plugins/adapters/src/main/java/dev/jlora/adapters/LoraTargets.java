package dev.jlora.adapters;

import dev.jlora.adapters.tokens.TrainedTokens;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.ModuleNames;
import dev.jlora.peft.PatternValues;
import dev.jlora.peft.Ranks;
import dev.jlora.spec.LoftqSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Slice;
import dev.jlora.spec.Targets;
import java.util.ArrayList;
import java.util.List;

/** The LoRA pairs of a spec, each with its rank and alpha. */
final class LoraTargets implements AdapterTargets {
  private final LoraSpec spec;
  private final LoraStart start;
  private final Ranks ranks;
  private final PatternValues<List<Slice>> slices;

  /**
   * @param saved whether the spec is that of a saved adapter, which is stored as it was read
   */
  LoraTargets(LoraSpec spec, boolean saved) {
    this.spec = spec;
    LoftqSpec loftq = spec.loftqConfig() == null ? LoftqSpec.defaults() : spec.loftqConfig();
    this.start = new LoraStart(spec.initLoraWeights(), loftq, !saved, null);
    this.ranks = new Ranks(spec.rank(), spec.alpha(), spec.rankPattern(), spec.alphaPattern());
    this.slices = new PatternValues<>("slices", spec.slices());
  }

  @Override
  public List<PatternValues<?>> patterns() {
    List<PatternValues<?>> patterns = new ArrayList<>(ranks.patterns());
    patterns.add(slices);
    return patterns;
  }

  /** With an empty list of targets, which only {@code target_parameters} allow. */
  @Override
  public boolean untargeted() {
    return spec.targetModules() instanceof Targets.Names none && none.names().isEmpty();
  }

  @Override
  public List<AdapterTarget> additional(ModelPlan model, ModuleNames names) {
    List<AdapterTarget> targets = new ArrayList<>();
    if (spec.trainableTokenIndices() != null) {
      targets.addAll(
          TrainedTokens.of(model, names, spec.trainableTokenIndices(), spec.ensureWeightTying()));
    }
    targets.addAll(new LoraParameters(model, names, spec, this).targets());
    return targets;
  }

  @Override
  public LoraPair target(TargetModule module, List<String> names) {
    List<Slice> parts = slices.of(names, List.of());
    if (parts.isEmpty()) {
      return pair(module, names);
    }
    int rank = ranks.rank(module, names);
    double alpha = ranks.alpha(names);
    return new LoraSlices(
        module, parts, rank, alpha, spec.scaling(rank, alpha), spec.dropout(), start);
  }

  /** A pair for all outputs of a module. */
  LoraTarget pair(TargetModule module, List<String> names) {
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
