package dev.jlora.adapters.lycoris;

import dev.jlora.model.TargetModule;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.PatternValues;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.Ranks;
import dev.jlora.peft.TargetedPlan;
import java.util.List;

/** The targets of a spec, each with its rank and alpha, and how these are written. */
final class LycorisTargets implements AdapterTargets {
  private final Factory factory;
  private final Ranks ranks;

  /** Creates the target of a module. */
  interface Factory {
    LycorisTarget create(TargetModule module, int rank, double alpha);
  }

  LycorisTargets(LycorisSpec spec, Factory factory) {
    this.factory = factory;
    this.ranks = new Ranks(spec.rank(), spec.alpha(), spec.rankPattern(), spec.alphaPattern());
  }

  @Override
  public List<PatternValues<?>> patterns() {
    return ranks.patterns();
  }

  @Override
  public AdapterTarget target(TargetModule module, List<String> names) {
    return factory.create(module, ranks.rank(module, names), ranks.alpha(names));
  }

  /** A configuration with the keys that LoHa and LoKr share. */
  static PeftConfig write(PeftConfig config, TargetedPlan<? extends LycorisSpec> plan) {
    LycorisSpec spec = plan.spec();
    return config
        .with("r", spec.rank())
        .withAlpha("alpha", spec.alpha())
        .with("rank_dropout", spec.rankDropout())
        .with("module_dropout", spec.moduleDropout())
        .with("use_effective_conv2d", spec.useEffectiveConv2d())
        .with(
            "rank_pattern",
            plan.written(spec.rankPattern(), target -> of(target).rank(), spec.rank()))
        .withAlphas(
            "alpha_pattern",
            plan.written(spec.alphaPattern(), target -> of(target).alpha(), spec.alpha()));
  }

  private static LycorisTarget of(AdapterTarget target) {
    return (LycorisTarget) target;
  }
}
