package dev.jlora.peft;

import dev.jlora.spec.Bias;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The targets of a plan as written to its files, so that PEFT finds the same modules: default
 * targets and all-linear are written as names, and modules with two names under both.
 */
record WrittenTargets(TargetedPlan<?> plan) implements TargetedSpec {

  @Override
  public String method() {
    return plan.spec().method();
  }

  @Override
  public @Nullable Targets targetModules() {
    Targets given = plan.spec().targetModules();
    if (given == null && plan.modules().isEmpty()) {
      return null;
    }
    if (plan.writesBoth()) {
      Set<String> names = new LinkedHashSet<>(shortest(Function.identity()));
      names.addAll(shortest(plan.names()::other));
      return new Targets.Names(List.copyOf(names));
    }
    boolean named = given != null && !(given instanceof Targets.AllLinear);
    return named
        ? given
        : new Targets.Names(
            shortest(plan.names().othersOnly() ? plan.names()::other : Function.identity()));
  }

  @Override
  public @Nullable Targets excludeModules() {
    return plan.writesBoth() ? null : plan.spec().excludeModules();
  }

  @Override
  public @Nullable List<Integer> layersToTransform() {
    return plan.writesBoth() ? null : plan.spec().layersToTransform();
  }

  @Override
  public @Nullable String layersPattern() {
    return plan.writesBoth() ? null : plan.spec().layersPattern();
  }

  /** The given names; names of one naming are followed by the paths of the other. */
  @Override
  public List<String> modulesToSave() {
    Set<String> names = new LinkedHashSet<>(plan.saved().names());
    if (plan.writesBoth()) {
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

  @Override
  public boolean ensureWeightTying() {
    return plan.saved().tied();
  }

  @Override
  public Bias bias() {
    return plan.spec().bias();
  }

  /**
   * The shortest list of names that selects exactly the targets: their last names if those select
   * no other module, else the full paths.
   *
   * @param naming from a module's own name to the one that is written
   */
  private List<String> shortest(Function<String, String> naming) {
    Set<String> paths = new HashSet<>(plan.paths());
    List<String> last =
        paths.stream()
            .map(naming)
            .map(path -> path.substring(path.lastIndexOf('.') + 1))
            .distinct()
            .sorted()
            .toList();
    boolean exact =
        plan.model().modules().stream()
            .filter(
                module ->
                    last.stream().anyMatch(name -> ModuleNames.isNamed(naming.apply(module), name)))
            .allMatch(module -> paths.contains(module) || isSaved(module));
    return exact ? last : paths.stream().map(naming).sorted().toList();
  }

  private boolean isSaved(String module) {
    return plan.saved().paths().stream()
        .anyMatch(saved -> module.equals(saved) || module.startsWith(saved + "."));
  }
}
