package dev.jlora.adapters;

import dev.jlora.adapters.LoraStart.Given;
import dev.jlora.adapters.init.Corda;
import dev.jlora.adapters.init.Eva;
import dev.jlora.adapters.init.Factors;
import dev.jlora.adapters.init.LoraGa;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.model.network.Network;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.CordaSpec;
import dev.jlora.spec.EvaSpec;
import dev.jlora.spec.LoraGaSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spi.DataPasses;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** The initializations of LoRA that read training data. */
final class LoraPreparation {
  private final TargetedPlan<LoraSpec> plan;
  private final LoraSpec spec;
  private final Network network;
  private final DataPasses passes;

  LoraPreparation(TargetedPlan<LoraSpec> plan, Network network, DataPasses passes) {
    this.plan = plan;
    this.spec = plan.spec();
    this.network = network;
    this.passes = passes;
  }

  TargetedPlan<LoraSpec> prepared() {
    return switch (spec.initLoraWeights().kind()) {
      case EVA -> eva();
      case CORDA -> corda();
      case LORA_GA -> loraGa();
      case DEFAULT, RANDOM, GAUSSIAN, ORTHOGONAL, PISSA, OLORA, LOFTQ -> plan;
    };
  }

  private List<LoraTarget> targets() {
    return plan.targets().stream().map(LoraTarget.class::cast).toList();
  }

  private List<TargetModule> modules() {
    return targets().stream().map(LoraTarget::module).toList();
  }

  /** Ranks by explained variance; convolutions and embeddings keep theirs, as in PEFT. */
  private TargetedPlan<LoraSpec> eva() {
    EvaSpec settings = spec.evaConfig() == null ? EvaSpec.defaults() : spec.evaConfig();
    Map<String, Integer> ranks = new LinkedHashMap<>();
    List<TargetModule> linear =
        modules().stream().filter(module -> module.kind() == Kind.LINEAR).toList();
    targets().stream()
        .filter(target -> target.module().kind() == Kind.LINEAR)
        .forEach(target -> ranks.put(target.path(), target.rank()));
    Map<String, Eva.Start> starts = Eva.of(passes, settings, linear, ranks, plan.context().seed());
    TargetedPlan<LoraSpec> ranked = withRanks(settings, starts);
    return ranked.withTargets(
        ranked.targets().stream()
            .map(LoraTarget.class::cast)
            .map(
                target ->
                    starts.containsKey(target.path())
                        ? target.startingWith(new Given(starts.get(target.path()).a(), null))
                        : target)
            .map(AdapterTarget.class::cast)
            .toList());
  }

  private TargetedPlan<LoraSpec> withRanks(EvaSpec settings, Map<String, Eva.Start> starts) {
    List<String> paths = new ArrayList<>();
    Map<String, Integer> ranks = new LinkedHashMap<>();
    Map<String, Double> alphas = new LinkedHashMap<>();
    for (LoraTarget target : targets()) {
      Eva.Start start = starts.get(target.path());
      int rank = start == null ? target.rank() : start.rank();
      if (rank == 0) {
        continue;
      }
      double alpha =
          settings.adjustScalingFactors() ? target.alpha() * rank / target.rank() : target.alpha();
      paths.add(target.path());
      ranks.put(target.path(), rank);
      alphas.put(target.path(), alpha);
    }
    ranks.values().removeIf(rank -> rank == spec.rank());
    alphas.values().removeIf(alpha -> alpha == spec.alpha());
    return plan.method()
        .plan(
            plan.model(),
            spec.toBuilder()
                .targets(Targets.names(paths.toArray(String[]::new)))
                .exclude((Targets) null)
                .layersIn(null)
                .layersPattern(null)
                .rankPattern(ranks)
                .alphaPattern(alphas)
                .build(),
            plan.context());
  }

  private TargetedPlan<LoraSpec> corda() {
    CordaSpec settings = spec.cordaConfig() == null ? CordaSpec.defaults() : spec.cordaConfig();
    try (Corda covariances = Corda.of(passes, modules())) {
      return with(
          target ->
              covariances.factors(
                  target.path(),
                  upright(target),
                  target.rank(),
                  target.scaling(),
                  settings.cordaMethod()));
    }
  }

  private TargetedPlan<LoraSpec> loraGa() {
    LoraGaSpec settings = spec.loraGaConfig() == null ? LoraGaSpec.defaults() : spec.loraGaConfig();
    List<Parameter> weights = modules().stream().map(this::weight).toList();
    SplittableRandom random = new SplittableRandom(plan.context().seed());
    try (LoraGa gradients = LoraGa.of(passes, weights)) {
      return with(
          target ->
              gradients.factors(
                  weight(target.module()).name(),
                  target.module().transposed(),
                  upright(target),
                  target.rank(),
                  target.scaling(),
                  settings,
                  random.split()));
    }
  }

  private TargetedPlan<LoraSpec> with(Function<LoraTarget, Factors> factors) {
    List<AdapterTarget> targets = new ArrayList<>();
    for (LoraTarget target : targets()) {
      try (var _ = Scope.open()) {
        Factors found = factors.apply(target);
        targets.add(target.startingWith(new Given(found.a().toFloats(), found.b().toFloats())));
      }
    }
    return plan.withTargets(targets);
  }

  private Parameter weight(TargetModule module) {
    return network.adaptables().get(module.path()).weight();
  }

  private Tensor upright(LoraTarget target) {
    return LoraStart.upright(target.module(), weight(target.module()).frozen().dense());
  }
}
