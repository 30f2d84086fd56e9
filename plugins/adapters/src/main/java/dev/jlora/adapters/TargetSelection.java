package dev.jlora.adapters;

import dev.jlora.io.Names;
import dev.jlora.model.Aliases;
import dev.jlora.model.ModelException;
import dev.jlora.model.ModelPlan;
import dev.jlora.model.TargetModule;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which modules of a model a LoRA spec targets, by PEFT's rules. Names are the model's own; where
 * none of those is meant, they are the architecture's other ones.
 */
final class TargetSelection {
  private final ModelPlan model;
  private final LoraSpec spec;
  private final HeadRules heads;
  private final Targets targets;
  private final Aliases naming;

  /** {@code defaults} are the family's targets, for a spec that names none. */
  TargetSelection(ModelPlan model, LoraSpec spec, String taskType, List<String> defaults) {
    this.model = model;
    this.spec = spec;
    this.heads = new HeadRules(taskType);
    if (spec.targetModules() == null && defaults.isEmpty()) {
      throw new ModelException(
          "target_modules: none are given, and this family has no usual ones. Name some of %s"
              .formatted(lastNames(model.targets().keySet())));
    }
    this.targets =
        spec.targetModules() == null ? new Targets.Names(defaults) : spec.targetModules();
    Aliases other = model.architecture().aliases();
    boolean own = model.modules().stream().anyMatch(path -> isTargeted(path, path));
    boolean others = model.modules().stream().anyMatch(path -> isTargeted(path, other.of(path)));
    this.naming = !own && others ? other : Aliases.NONE;
  }

  /** The naming that the targets are written in. */
  Aliases naming() {
    return naming;
  }

  /**
   * The targets in the order of the model.
   *
   * @param saved modules that are trained in full, which are never targeted too
   */
  List<LoraTarget> select(List<String> saved) {
    List<LoraTarget> selected = new ArrayList<>();
    List<String> excluded = new ArrayList<>();
    for (String path : model.modules()) {
      if (isWithin(path, saved) || !isTargeted(path, naming.of(path))) {
        continue;
      }
      if (isExcluded(path)) {
        excluded.add(path);
        continue;
      }
      selected.add(target(path));
    }
    if (selected.isEmpty()) {
      throw noMatch(excluded);
    }
    return List.copyOf(selected);
  }

  private boolean isTargeted(String path, String name) {
    if (targets instanceof Targets.AllLinear) {
      return isLinear(path) && !isHead(path);
    }
    if (targets instanceof Targets.Names names && !names.names().contains(name)) {
      return ModuleNames.matches(targets, name) && isInWantedLayer(name);
    }
    return ModuleNames.matches(targets, name);
  }

  private boolean isLinear(String path) {
    TargetModule module = model.targets().get(path);
    return module != null && module.kind() == TargetModule.Kind.LINEAR;
  }

  private boolean isHead(String path) {
    return path.equals(model.architecture().outputEmbedding())
        || heads.heads().stream().anyMatch(head -> ModuleNames.isNamed(path, head));
  }

  private boolean isInWantedLayer(String path) {
    List<Integer> layers = spec.layersToTransform();
    if (layers == null || layers.isEmpty()) {
      return true;
    }
    String before = spec.layersPattern() == null ? "" : spec.layersPattern();
    return layers.contains(ModuleNames.layerOf(path, before));
  }

  private boolean isExcluded(String path) {
    return spec.excludeModules() != null
        && (ModuleNames.matches(spec.excludeModules(), path)
            || ModuleNames.matches(spec.excludeModules(), naming.of(path)));
  }

  private static boolean isWithin(String path, List<String> modules) {
    return modules.stream().anyMatch(m -> path.equals(m) || path.startsWith(m + "."));
  }

  private LoraTarget target(String path) {
    TargetModule module = model.targets().get(path);
    if (module == null || module.kind() == TargetModule.Kind.EMBEDDING) {
      throw new ModelException(
          "target_modules: %s names %s, which is %s; LoRA goes on linear layers and convolutions, such as %s"
              .formatted(
                  targets.json(),
                  path,
                  module == null
                      ? "no single layer"
                      : "an " + module.kind().name().toLowerCase(Locale.ROOT),
                  lastNames(linears())));
    }
    String name = naming.of(path);
    int rank = ModuleNames.ofPattern(spec.rankPattern(), name, spec.rank());
    double alpha = ModuleNames.ofPattern(spec.alphaPattern(), name, spec.alpha());
    return new LoraTarget(module, rank, alpha, spec.scaling(rank, alpha));
  }

  private ModelException noMatch(List<String> excluded) {
    if (!excluded.isEmpty()) {
      return new ModelException(
          "exclude_modules %s leaves none of the %d modules that target_modules %s names"
              .formatted(spec.excludeModules().json(), excluded.size(), targets.json()));
    }
    String wanted = targets instanceof Targets.Names n ? n.names().getFirst() : "" + targets.json();
    String layers =
        spec.layersToTransform() == null ? "" : " in the layers " + spec.layersToTransform();
    return new ModelException(
        ("target_modules %s%s names no module of %s."
                + " The nearest names are %s; its linear layers end in %s")
            .formatted(
                targets.json(),
                layers,
                model.architecture().name(),
                Names.some(endings(), wanted),
                lastNames(linears())));
  }

  private List<String> linears() {
    return model.targets().keySet().stream().filter(this::isLinear).toList();
  }

  /** Last names of linears, and their full paths: what a user may have meant. */
  private Set<String> endings() {
    Set<String> names = lastNames(linears());
    names.addAll(linears());
    return names;
  }

  private static Set<String> lastNames(Collection<String> paths) {
    Set<String> names = new LinkedHashSet<>();
    paths.forEach(path -> names.add(path.substring(path.lastIndexOf('.') + 1)));
    return names;
  }
}
