package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.Bias;
import dev.jlora.spec.PythonRegex;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.spi.DataPasses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * A spec resolved for one model, from names and shapes alone.
 *
 * @param modules the target modules, in the order of the model
 * @param targets the adapters of those that get one
 * @param additional adapters of modules that the spec names apart from its targets
 * @param shared the parameters that all targets share
 * @param saved the modules trained in full
 * @param biases the other biases that are trained
 * @param names the names of the modules in the adapter's files
 * @param unmatched the parts of the spec that match nothing in this model, one sentence each
 * @param config the configuration that the adapter was read with, whose unknown keys are written
 *     back; the method's defaults for a new adapter
 */
public record TargetedPlan<S extends TargetedSpec>(
    TargetedMethod<S> method,
    ModelPlan model,
    S spec,
    AdapterContext context,
    List<TargetModule> modules,
    List<AdapterTarget> targets,
    List<AdapterTarget> additional,
    List<OwnParameter> shared,
    SavedModules saved,
    List<String> biases,
    ModuleNames names,
    List<String> unmatched,
    PeftConfig config)
    implements AdapterPlan {

  /**
   * Resolves the spec of a job.
   *
   * @throws ModelException naming everything in it that matches nothing in this model
   */
  static <S extends TargetedSpec> TargetedPlan<S> of(
      TargetedMethod<S> method, ModelPlan model, S spec, AdapterContext context) {
    Path start = context.start();
    if (start != null) {
      return named(start, () -> started(method, model, spec, context, start));
    }
    TargetedPlan<S> plan =
        resolve(
            method,
            model,
            spec,
            context,
            namesOf(model, spec),
            /* read= */ false,
            PeftConfig.of(method.traits()));
    if (!plan.unmatched.isEmpty()) {
      throw new ModelException(String.join("\n", plan.unmatched));
    }
    return plan;
  }

  /** Resolves a saved adapter, and warns of names in its configuration that match nothing. */
  static <S extends TargetedSpec> TargetedPlan<S> read(
      TargetedMethod<S> method, ModelPlan model, Path folder) {
    PeftConfig config = PeftConfig.read(folder, method.traits());
    AdapterContext context =
        new AdapterContext(config.taskType(), List.of(), 0, config.baseModel());
    S spec = config.spec(method::spec);
    TargetedPlan<S> plan =
        named(
            folder,
            () ->
                read(method, model, spec, context, method.traits().keys().modules(folder), config));
    plan.unmatched.forEach(
        line ->
            LoggerFactory.getLogger(TargetedPlan.class)
                .warn("{}: {}", folder.resolve(PeftConfig.FILE), line));
    return plan;
  }

  /**
   * Resolves the spec of a job that trains a saved adapter further. Names in the adapter's own
   * configuration that match nothing are ignored with a note, as on loading.
   *
   * @throws ModelException naming the modules to save that the job adds and the model lacks
   */
  private static <S extends TargetedSpec> TargetedPlan<S> started(
      TargetedMethod<S> method, ModelPlan model, S spec, AdapterContext context, Path start) {
    PeftConfig config = PeftConfig.read(start, method.traits());
    S saved = config.spec(method::spec);
    List<String> known = saved.modulesToSave();
    Set<String> modules = method.traits().keys().modules(start);
    TargetedPlan<S> plan =
        read(method, model, method.continued(spec, saved), context, modules, config);
    var unmatched = new Unmatched(model, plan.names);
    List<String> missing =
        spec.modulesToSave().stream()
            .filter(name -> !known.contains(name))
            .map(name -> unmatched.missing("modules_to_save", name))
            .filter(plan.unmatched::contains)
            .toList();
    if (!missing.isEmpty()) {
      throw new ModelException(String.join("\n", missing));
    }
    return plan;
  }

  /**
   * Resolves the spec of a saved adapter; names that match nothing are ignored.
   *
   * @param modules the names of the adapted modules in its file
   */
  static <S extends TargetedSpec> TargetedPlan<S> read(
      TargetedMethod<S> method,
      ModelPlan model,
      S spec,
      AdapterContext context,
      Set<String> modules,
      PeftConfig config) {
    ModuleNames told = ModuleNames.of(model, modules);
    boolean fits =
        !(spec.targetModules() instanceof Targets.Names targets)
            || model.modules().stream()
                .map(told::other)
                .anyMatch(
                    path ->
                        targets.names().stream().anyMatch(name -> ModuleNames.isNamed(path, name)));
    return resolve(
        method,
        model,
        spec,
        context,
        fits ? told : ModuleNames.of(model),
        /* read= */ true,
        config);
  }

  private static <S extends TargetedSpec> TargetedPlan<S> resolve(
      TargetedMethod<S> method,
      ModelPlan model,
      S given,
      AdapterContext context,
      ModuleNames names,
      boolean read,
      PeftConfig config) {
    S spec = method.resolved(given, context);
    List<String> unmatched = new ArrayList<>();
    boolean savesHeads = method.traits().defaults().has("modules_to_save");
    HeadRules heads = new HeadRules(savesHeads ? context.taskType() : "");
    SavedModules saved =
        SavedModules.of(
            model, spec.modulesToSave(), spec.ensureWeightTying(), heads, names, read, unmatched);
    AdapterTargets factory = (read ? method.savedTargets(spec) : method.targets(spec)).in(model);
    List<TargetModule> selected = List.of();
    if (!factory.untargeted()) {
      TargetSelection selection =
          new TargetSelection(model, spec, method.traits(), heads, context.defaultTargets(), names);
      selected = selection.select(saved.paths());
      unmatched.addAll(selection.unmatched(selected, factory.patterns()));
    }
    List<AdapterTarget> targets =
        selected.stream().map(module -> factory.target(module, names.of(module.path()))).toList();
    List<AdapterTarget> additional = List.copyOf(factory.additional(model, names));
    requireDisjoint(targets, additional, saved);
    if (spec.ensureWeightTying()) {
      refuseTied(model, selected);
    }
    return new TargetedPlan<>(
        method,
        model,
        spec,
        context,
        selected,
        targets.stream().filter(target -> !target.parameters().isEmpty()).toList(),
        additional,
        selected.isEmpty() ? List.of() : List.copyOf(factory.shared(selected)),
        saved.and(overrides(targets)),
        biases(model, spec, selected, new HashSet<>(saved.parameters())),
        names,
        List.copyOf(unmatched),
        config);
  }

  private static void requireDisjoint(
      List<AdapterTarget> targets, List<AdapterTarget> additional, SavedModules saved) {
    Set<String> taken = new HashSet<>();
    targets.forEach(target -> taken.add(target.path()));
    for (AdapterTarget target : additional) {
      if (!taken.add(target.path())) {
        throw new ModelException(
            ("%s is a target and also named apart, expected only one of them; exclude_modules"
                    + " excludes a target")
                .formatted(target.path()));
      }
      if (saved.paths().stream().anyMatch(path -> isWithin(target.path(), path))) {
        throw new ModelException(
            "%s is trained in full (modules_to_save) and gets an adapter, expected only one of them"
                .formatted(target.path()));
      }
    }
  }

  private static boolean isWithin(String path, String module) {
    return path.equals(module) || path.startsWith(module + ".");
  }

  /** The weights that share the weight of a module, such as an output layer's. */
  private static List<String> tiedTo(ModelPlan model, TargetModule module) {
    String weight = module.path() + ".weight";
    return model.tiedWeights().entrySet().stream()
        .filter(tied -> tied.getValue().equals(weight))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static void refuseTied(ModelPlan model, List<TargetModule> targets) {
    for (TargetModule target : targets) {
      for (String weight : tiedTo(model, target)) {
        throw new ModelException(
            ("ensure_weight_tying: %s gets an adapter, which %s cannot share; leave"
                    + " ensure_weight_tying out, or train the embeddings in full (modules_to_save)")
                .formatted(target.path(), weight));
      }
    }
  }

  /** The parameters that targets train in place of the base's, by their names in a file. */
  private static Map<String, String> overrides(List<AdapterTarget> targets) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (AdapterTarget target : targets) {
      target
          .overrides()
          .forEach(
              (name, stored) ->
                  overrides.put(target.path() + "." + stored, target.path() + "." + name));
    }
    return overrides;
  }

  private static ModuleNames namesOf(ModelPlan model, TargetedSpec spec) {
    var targets = spec.targetModules();
    if (targets == null || targets instanceof Targets.AllLinear) {
      return ModuleNames.of(model);
    }
    return ModuleNames.of(
        model, ModuleMatcher.of("target_modules", targets, new PythonRegex.Budget()));
  }

  private static List<String> biases(
      ModelPlan model, TargetedSpec spec, List<TargetModule> targets, Set<String> saved) {
    List<String> biases = new ArrayList<>();
    if (spec.bias() == Bias.ALL) {
      model.parameters().keySet().stream()
          .filter(name -> name.contains("bias") && !saved.contains(name))
          .forEach(biases::add);
    } else if (spec.bias() == Bias.LORA_ONLY) {
      targets.stream()
          .filter(TargetModule::bias)
          .forEach(target -> biases.add(target.path() + ".bias"));
    }
    return biases;
  }

  /** Creates a plan; failures name the configuration that they come from. */
  private static <T> T named(Path folder, Supplier<T> plan) {
    try {
      return plan.get();
    } catch (ModelException e) {
      throw new ModelException(folder.resolve(PeftConfig.FILE) + ": " + e.getMessage());
    }
  }

  /** The adapters of all modules, {@code targets} first. */
  List<AdapterTarget> everywhere() {
    List<AdapterTarget> all = new ArrayList<>(targets);
    all.addAll(additional);
    return all;
  }

  /** The paths of the targets. */
  public List<String> paths() {
    return modules.stream().map(TargetModule::path).toList();
  }

  /** Number of trainable elements. */
  public long trainable() {
    return own(/* trainedOnly= */ true) + elements(saved.parameters()) + elements(biases);
  }

  /**
   * Number of all elements as PEFT counts them: the model, the adapter, and the copies of saved
   * modules.
   */
  public long all() {
    return model.elements() + own(/* trainedOnly= */ false) + elements(saved.parameters());
  }

  private long own(boolean trainedOnly) {
    long elements = 0;
    for (AdapterTarget target : everywhere()) {
      elements += own(target.parameters(), trainedOnly);
    }
    return elements + own(shared, trainedOnly);
  }

  private static long own(List<OwnParameter> parameters, boolean trainedOnly) {
    return parameters.stream()
        .filter(trainedOnly ? OwnParameter::trained : OwnParameter::counted)
        .mapToLong(OwnParameter::elements)
        .sum();
  }

  private long elements(List<String> parameters) {
    return parameters.stream()
        .map(name -> model.architecture().tied().getOrDefault(name, name))
        .map(model.parameters()::get)
        .mapToLong(ParameterSpec::elements)
        .sum();
  }

  @Override
  public AdapterSummary summary() {
    List<String> notes = new ArrayList<>(saved.notes());
    for (AdapterTarget target : targets) {
      for (String weight : tiedTo(model, target.module())) {
        if (target.tied().stream().anyMatch(path -> isWithin(weight, path))) {
          continue;
        }
        notes.add(
            "%s gets an adapter and %s stays that of the base, as in PEFT; merging unties them"
                .formatted(target.path(), weight));
      }
    }
    if (!additional.isEmpty()) {
      List<String> others = additional.stream().map(AdapterTarget::path).toList();
      notes.add("also adapted: " + String.join(", ", others));
    }
    unmatched.forEach(line -> notes.add("no effect: " + line));
    return new AdapterSummary(paths(), saved.paths(), trainable(), all(), notes);
  }

  /** A copy with other targets, for {@link TargetedMethod#prepared}. */
  public TargetedPlan<S> withTargets(List<AdapterTarget> others) {
    return new TargetedPlan<>(
        method,
        model,
        spec,
        context,
        modules,
        List.copyOf(others),
        additional,
        shared,
        saved,
        biases,
        names,
        unmatched,
        config);
  }

  @Override
  public AdapterPlan prepared(Network network, DataPasses passes) {
    return method.prepared(this, network, passes);
  }

  @Override
  public boolean readsData() {
    return method.readsData(spec);
  }

  @Override
  public AdapterPlan resumed(Path checkpoint) {
    return method.resumed(this, PeftConfig.read(checkpoint, method.traits()));
  }

  /** The state of an adapter of this plan with these parameters by target path. */
  AdapterState state(Map<String, OwnParameters> own) {
    return method.state(this, own);
  }

  @Override
  public Adapter create(Network network) {
    return new TargetedAdapter(network, this);
  }

  /** The configuration that is saved with the adapter. */
  public PeftConfig written() {
    PeftConfig common =
        config.with(new WrittenTargets(this), context.taskType(), context.baseModel());
    return method.config(common, this);
  }

  /**
   * Values by pattern, as written to the file. If modules have two names, each target is listed
   * under both.
   *
   * @param given the patterns of the spec
   * @param value the value of a target
   * @param usual the value of targets without a pattern
   */
  public <T> Map<String, T> written(
      Map<String, T> given, Function<AdapterTarget, T> value, T usual) {
    if (!writesBoth()) {
      return given;
    }
    Map<String, T> patterns = new LinkedHashMap<>();
    for (AdapterTarget target : targets) {
      if (!value.apply(target).equals(usual)) {
        for (String name : names.of(target.path())) {
          patterns.put(name.replace(".", "\\."), value.apply(target));
        }
      }
    }
    return patterns;
  }

  /**
   * Names of some targets, such as IA3's {@code feedforward_modules}, as written to the file. If
   * modules have two names, each of these targets is listed under both.
   *
   * @param given the names or expression of the spec
   * @param selected the targets that they select
   */
  public Targets written(Targets given, Predicate<AdapterTarget> selected) {
    return writesBoth()
        ? new Targets.Names(
            targets.stream()
                .filter(selected)
                .flatMap(target -> names.of(target.path()).stream())
                .toList())
        : given;
  }

  /** Whether files contain both names of a module. */
  boolean writesBoth() {
    return names.two() && !names.othersOnly();
  }
}
