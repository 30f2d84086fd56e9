package dev.jlora.peft;

import dev.jlora.io.Names;
import dev.jlora.model.tree.ModelPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Collects the names and numbers of a spec that match nothing in its model. */
final class Unmatched {
  private final ModelPlan model;
  private final ModuleNames names;
  private final Collection<String> targets;
  private final List<String> found = new ArrayList<>();

  Unmatched(ModelPlan model, ModuleNames names) {
    this(model, names, model.targets().keySet());
  }

  /**
   * @param targets the paths of the modules that the method attaches to
   */
  Unmatched(ModelPlan model, ModuleNames names, Collection<String> targets) {
    this.model = model;
    this.names = names;
    this.targets = targets;
  }

  /** One sentence for each. */
  List<String> found() {
    return List.copyOf(found);
  }

  /** Adds the names of a list that match no module. */
  void names(String key, ModuleMatcher matcher) {
    for (String name : matcher.names()) {
      String shared = model.tiedWeights().get(tied(name));
      if (shared != null && !model.modules().contains(name)) {
        found.add(
            "%s: '%s' is tied to %s and takes no adapter; modules_to_save trains it in full"
                .formatted(key, name, shared));
      } else if (all().noneMatch(path -> ModuleNames.isNamed(path, name))) {
        found.add(missing(key, name));
      }
    }
  }

  private String tied(String name) {
    return model.tiedWeights().keySet().stream()
        .filter(weight -> weight.endsWith("." + name + ".weight"))
        .findFirst()
        .orElse("");
  }

  /**
   * The sentence for a name that matches no module; for targets, suggestions are layers that take
   * an adapter.
   */
  String missing(String key, String name) {
    Collection<String> modules = key.equals("target_modules") ? targets : model.modules();
    return "%s: '%s' names no module of %s; the nearest are %s"
        .formatted(key, name, model.architecture().name(), Names.some(endings(modules), name));
  }

  /** Adds an expression that matches no module. */
  void expression(String key, String expression, ModuleMatcher matcher) {
    if (all().noneMatch(matcher::matches)) {
      found.add(
          "%s: the regular expression '%s' matches no module of %s"
              .formatted(key, expression, model.architecture().name()));
    }
  }

  /** Adds the patterns that match no target. */
  void patterns(PatternValues<?> values, Collection<String> targets) {
    for (String pattern : values.patterns()) {
      if (targets.stream().noneMatch(path -> values.matches(pattern, names.of(path)))) {
        found.add(
            "%s: '%s' matches none of the %d modules that get an adapter; the nearest are %s"
                .formatted(
                    values.key(), pattern, targets.size(), Names.some(endings(targets), pattern)));
      }
    }
  }

  /** Adds the layers without a target. */
  void layers(List<Integer> wanted, LayerIndex index, Collection<String> targets) {
    Set<Integer> there = new TreeSet<>();
    for (String path : model.modules()) {
      names.of(path).forEach(name -> index.of(name).ifPresent(there::add));
    }
    for (int layer : wanted) {
      boolean used =
          targets.stream()
              .flatMap(path -> names.of(path).stream())
              .anyMatch(name -> index.of(name).orElse(-1) == layer);
      if (!used) {
        found.add(
            "layers_to_transform: %d has no module that target_modules names; the layers of %s are %s"
                .formatted(layer, model.architecture().name(), range(there)));
      }
    }
  }

  private static String range(Set<Integer> layers) {
    if (layers.isEmpty()) {
      return "none by this layers_pattern";
    }
    List<Integer> sorted = List.copyOf(new TreeSet<>(layers));
    boolean gapless = sorted.getLast() - sorted.getFirst() == sorted.size() - 1;
    return gapless && sorted.size() > 1
        ? "%d to %d".formatted(sorted.getFirst(), sorted.getLast())
        : sorted.toString();
  }

  /** Adds the names of targets that are in none of the wanted layers. */
  void outsideLayers(List<Integer> wanted, ModuleMatcher matcher, Collection<String> targets) {
    for (String name : matcher.names()) {
      boolean means = all().anyMatch(path -> ModuleNames.isNamed(path, name));
      boolean used =
          targets.stream()
              .flatMap(path -> names.of(path).stream())
              .anyMatch(path -> ModuleNames.isNamed(path, name));
      if (means && !used) {
        found.add("target_modules: '%s' names no module in the layers %s".formatted(name, wanted));
      }
    }
  }

  private java.util.stream.Stream<String> all() {
    return model.modules().stream().flatMap(path -> names.of(path).stream());
  }

  /** Last names and whole paths, for suggestions. */
  private Set<String> endings(Collection<String> paths) {
    Set<String> endings = new LinkedHashSet<>();
    for (String path : paths) {
      names.of(path).forEach(name -> endings.add(name.substring(name.lastIndexOf('.') + 1)));
    }
    endings.removeIf(name -> name.matches("[0-9]+"));
    paths.forEach(path -> endings.addAll(names.of(path)));
    return endings;
  }
}
