package dev.jlora.peft;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.Nearest;
import dev.jlora.spec.PythonRegex;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a model that a spec targets, by PEFT's rules: names or an expression, exclusions,
 * layers. A name is looked up among the model's own names, then among the architecture's other
 * names.
 */
final class TargetSelection {
  private final ModelPlan model;
  private final TargetedSpec spec;
  private final MethodTraits traits;
  private final HeadRules heads;
  private final Targets targets;
  private final ModuleNames names;
  private final @Nullable ModuleMatcher wanted;
  private final @Nullable ModuleMatcher excluded;
  private final LayerIndex layers;

  /**
   * Compiles the names and expressions of a spec.
   *
   * @param traits the layers that the method attaches to
   * @param heads the modules that the task trains, which {@code all-linear} excludes
   * @param defaults the targets of a spec that names none
   * @throws ModelException if neither the spec nor {@code defaults} name a target
   */
  TargetSelection(
      ModelPlan model,
      TargetedSpec spec,
      MethodTraits traits,
      HeadRules heads,
      List<String> defaults,
      ModuleNames names) {
    this.model = model;
    this.spec = spec;
    this.traits = traits;
    this.heads = heads;
    this.names = names;
    if (spec.targetModules() == null && defaults.isEmpty()) {
      throw new ModelException(
          "target_modules: none are given, and this family has no usual ones. Name some of %s"
              .formatted(Nearest.list(lastNames(suitable()))));
    }
    this.targets =
        spec.targetModules() == null ? new Targets.Names(defaults) : spec.targetModules();
    var budget = new PythonRegex.Budget();
    this.wanted =
        targets instanceof Targets.AllLinear
            ? null
            : ModuleMatcher.of("target_modules", targets, budget);
    this.excluded =
        spec.excludeModules() == null
            ? null
            : ModuleMatcher.of("exclude_modules", spec.excludeModules(), budget);
    this.layers = new LayerIndex(spec.layersPattern(), budget);
  }

  /**
   * The targets in the order of the model.
   *
   * @param saved modules that are trained in full, which are never targets
   * @throws ModelException if there are none, or one is a layer that the method does not attach to
   */
  List<TargetModule> select(List<String> saved) {
    List<TargetModule> selected = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (String path : targeted()) {
      if (isWithin(path, saved)) {
        continue;
      }
      if (excluded != null && names.of(path).stream().anyMatch(excluded::matches)) {
        left.add(path);
        continue;
      }
      selected.add(target(path));
    }
    if (selected.isEmpty()) {
      throw noMatch(left, saved);
    }
    return List.copyOf(selected);
  }

  /**
   * The parts of the spec that have no effect, one sentence each.
   *
   * @param selected the targets
   * @param patterns the values that the spec has for individual modules
   */
  List<String> unmatched(List<TargetModule> selected, List<PatternValues<?>> patterns) {
    var problems = new Unmatched(model, names, suitable());
    if (wanted != null && spec.targetModules() != null) {
      problems.names("target_modules", wanted);
    }
    if (excluded != null) {
      problems.names("exclude_modules", excluded);
      if (spec.excludeModules() instanceof Targets.Regex regex) {
        problems.expression("exclude_modules", regex.pattern(), excluded);
      }
    }
    List<String> paths = selected.stream().map(TargetModule::path).toList();
    patterns.forEach(values -> problems.patterns(values, paths));
    if (inLayers()) {
      problems.layers(spec.layersToTransform(), layers, targeted());
      if (wanted != null) {
        problems.outsideLayers(spec.layersToTransform(), wanted, targeted());
      }
    }
    return problems.found();
  }

  /** All modules that the targets select, including exclusions and modules to save. */
  private List<String> targeted() {
    return model.modules().stream().filter(this::isTargeted).toList();
  }

  private boolean isTargeted(String path) {
    if (wanted == null) {
      return isLinear(path) && !isHead(path);
    }
    String name = names.meaning(path, wanted);
    return name != null && (!inLayers() || wanted.names().contains(name) || isInWantedLayer(name));
  }

  private boolean isLinear(String path) {
    TargetModule module = model.targets().get(path);
    return module != null && module.kind() == TargetModule.Kind.LINEAR;
  }

  private boolean isHead(String path) {
    return path.equals(model.architecture().outputEmbedding())
        || heads.heads().stream().anyMatch(head -> ModuleNames.isNamed(path, head));
  }

  private boolean inLayers() {
    return spec.layersToTransform() != null && !spec.layersToTransform().isEmpty();
  }

  private boolean isInWantedLayer(String name) {
    var layer = layers.of(name);
    return layer.isPresent() && spec.layersToTransform().contains(layer.getAsInt());
  }

  private static boolean isWithin(String path, List<String> modules) {
    return modules.stream().anyMatch(m -> path.equals(m) || path.startsWith(m + "."));
  }

  private TargetModule target(String path) {
    TargetModule module = model.targets().get(path);
    if (module == null || !traits.kinds().contains(module.kind())) {
      throw new ModelException(
          "target_modules: %s names %s, which is %s; %s, such as %s"
              .formatted(
                  targets.json(),
                  path,
                  kind(path, module),
                  traits.placement(),
                  lastNames(suitable())));
    }
    return module;
  }

  private String kind(String path, @Nullable TargetModule module) {
    if (module != null) {
      return switch (module.kind()) {
        case LINEAR -> "a linear layer";
        case EMBEDDING -> "an embedding";
        case CONVOLUTION -> "a convolution";
        case NORM -> "a norm";
      };
    }
    String shared = model.tiedWeights().get(path + ".weight");
    return shared == null
        ? "no single layer"
        : "tied to " + shared + " (modules_to_save trains it in full)";
  }

  private ModelException noMatch(List<String> left, List<String> saved) {
    if (!left.isEmpty()) {
      return new ModelException(
          "exclude_modules %s leaves none of the %d modules that target_modules %s names"
              .formatted(spec.excludeModules().json(), left.size(), targets.json()));
    }
    if (!targeted().isEmpty()) {
      return new ModelException(
          "target_modules %s names only modules that are trained in full: %s. Name others, such as %s"
              .formatted(targets.json(), String.join(", ", saved), lastNames(linears())));
    }
    String first =
        targets instanceof Targets.Names n && !n.names().isEmpty()
            ? n.names().getFirst()
            : "" + targets.json();
    String within =
        spec.layersToTransform() == null ? "" : " in the layers " + spec.layersToTransform();
    return new ModelException(
        ("target_modules %s%s names no module of %s."
                + " The nearest names are %s; its linear layers end in %s")
            .formatted(
                targets.json(),
                within,
                model.architecture().name(),
                Names.some(endings(), first),
                lastNames(linears())));
  }

  private List<String> suitable() {
    List<String> linears = linears();
    boolean linear = traits.kinds().contains(TargetModule.Kind.LINEAR);
    return linear && !linears.isEmpty()
        ? linears
        : model.targets().values().stream()
            .filter(module -> traits.kinds().contains(module.kind()))
            .map(TargetModule::path)
            .toList();
  }

  private List<String> linears() {
    return model.targets().keySet().stream().filter(this::isLinear).toList();
  }

  /** Last names of linears, and of norms if they take an adapter, and their full paths. */
  private Set<String> endings() {
    List<String> paths = new ArrayList<>(linears());
    if (traits.kinds().contains(TargetModule.Kind.NORM)) {
      model.targets().values().stream()
          .filter(module -> module.kind() == TargetModule.Kind.NORM)
          .forEach(module -> paths.add(module.path()));
    }
    Set<String> endings = lastNames(paths);
    endings.addAll(paths);
    return endings;
  }

  private static Set<String> lastNames(Collection<String> paths) {
    Set<String> last = new LinkedHashSet<>();
    paths.forEach(path -> last.add(path.substring(path.lastIndexOf('.') + 1)));
    return last;
  }
}
