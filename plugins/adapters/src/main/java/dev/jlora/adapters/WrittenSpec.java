package dev.jlora.adapters;

import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The spec of a plan as its files say it, so that PEFT finds the same modules: names for targets
 * that were left out or all linear layers, and where modules go by two names, both for each.
 */
record WrittenSpec(LoraPlan plan) {

  LoraSpec spec() {
    LoraSpec spec = plan.spec();
    boolean both = plan.names().two() && !plan.names().othersOnly();
    Targets given = spec.targetModules();
    boolean named = given != null && !(given instanceof Targets.AllLinear);
    LoraSpec.Builder written =
        spec.toBuilder()
            .modulesToSave(saved(both))
            .ensureWeightTying(plan.saved().tied())
            .fanInFanOut(transposed());
    if (both) {
      return written
          .targets(new Targets.Names(targets()))
          .exclude((Targets) null)
          .layersIn(null)
          .layersPattern(null)
          .rankPattern(patterns(LoraTarget::rank, spec.rank()))
          .alphaPattern(patterns(LoraTarget::alpha, spec.alpha()))
          .build();
    }
    return named
        ? written.build()
        : written.targets(new Targets.Names(TargetNames.shortest(plan, plan.names()))).build();
  }

  private List<String> targets() {
    Set<String> names = new LinkedHashSet<>(TargetNames.shortest(plan, Function.identity()));
    names.addAll(TargetNames.shortest(plan, plan.names()::other));
    return List.copyOf(names);
  }

  /** The names as they were given; those of one naming followed by the paths of the other. */
  private List<String> saved(boolean both) {
    Set<String> names = new LinkedHashSet<>(plan.saved().names());
    if (both) {
      for (String path : plan.saved().paths()) {
        for (String name : plan.names().of(path)) {
          if (names.stream().noneMatch(name::endsWith)) {
            names.add(name);
          }
        }
      }
    }
    return List.copyOf(names);
  }

  /** Values that differ from the usual one, for each target under all of its names. */
  private <T> Map<String, T> patterns(Function<LoraTarget, T> value, T usual) {
    Map<String, T> patterns = new LinkedHashMap<>();
    for (LoraTarget target : plan.targets()) {
      if (!value.apply(target).equals(usual)) {
        for (String name : plan.names().of(target.path())) {
          patterns.put(name.replace(".", "\\."), value.apply(target));
        }
      }
    }
    return patterns;
  }

  /** Whether the weights of the targets lie [in, out]; PEFT warns where this is not said. */
  private boolean transposed() {
    List<Boolean> transposed = new ArrayList<>();
    plan.targets().forEach(target -> transposed.add(target.module().transposed()));
    return transposed.getFirst();
  }
}
