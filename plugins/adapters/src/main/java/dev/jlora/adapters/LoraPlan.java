package dev.jlora.adapters;

import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.HeadRules;
import dev.jlora.peft.ModuleMatcher;
import dev.jlora.peft.ModuleNames;
import dev.jlora.peft.PatternValues;
import dev.jlora.peft.Placement;
import dev.jlora.peft.SavedModules;
import dev.jlora.peft.TargetSelection;
import dev.jlora.peft.Unmatched;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.PythonRegex;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterSummary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a LoRA spec means for one model, from names and shapes alone.
 *
 * @param targets the modules that get a pair, in the order of the model
 * @param saved the modules trained in full beside them
 * @param biases the other biases that are trained
 * @param names the names that the adapter's files have for the modules
 * @param unmatched what in the spec means nothing in this model, a sentence each
 */
record LoraPlan(
    ModelPlan model,
    LoraSpec spec,
    List<LoraTarget> targets,
    SavedModules saved,
    List<String> biases,
    ModuleNames names,
    List<String> unmatched) {
  private static final Placement PLACEMENT =
      Placement.on("LoRA", TargetModule.Kind.LINEAR, TargetModule.Kind.CONVOLUTION);

  /** The keys of its file. */
  static final AdapterKeys KEYS = new AdapterKeys(List.of("lora_A.weight", "lora_B.weight"));

  /**
   * Resolves the spec of a job.
   *
   * @throws ModelException naming everything in it that means nothing in this model
   */
  static LoraPlan of(ModelPlan model, LoraSpec spec, AdapterContext context) {
    ModuleNames names = namesOf(model, spec);
    LoraPlan plan = of(model, spec, context, names, /* read= */ false);
    if (!plan.unmatched.isEmpty()) {
      throw new ModelException(String.join("\n", plan.unmatched));
    }
    return plan;
  }

  /**
   * Resolves the spec of a saved adapter; names that mean nothing do no harm.
   *
   * @param modules what its file calls the modules that have a pair
   */
  static LoraPlan read(
      ModelPlan model, LoraSpec spec, AdapterContext context, Set<String> modules) {
    ModuleNames told = ModuleNames.of(model, modules);
    boolean fits =
        !(spec.targetModules() instanceof Targets.Names targets)
            || model.modules().stream()
                .map(told::other)
                .anyMatch(
                    path ->
                        targets.names().stream().anyMatch(name -> ModuleNames.isNamed(path, name)));
    return of(model, spec, context, fits ? told : ModuleNames.of(model), /* read= */ true);
  }

  /**
   * Resolves the spec of a job that trains a saved adapter further. What the adapter's own
   * configuration names in vain does no harm, as when it is loaded, and is noted.
   *
   * @param saved the adapter's own spec
   * @param modules what its file calls the modules that have a pair
   * @throws ModelException naming the modules to save that the job adds and the model lacks
   */
  static LoraPlan started(
      ModelPlan model, LoraSpec spec, LoraSpec saved, AdapterContext context, Set<String> modules) {
    LoraPlan plan = read(model, spec, context, modules);
    var unmatched = new Unmatched(model, plan.names);
    List<String> missing =
        spec.modulesToSave().stream()
            .filter(name -> !saved.modulesToSave().contains(name))
            .map(name -> unmatched.missing("modules_to_save", name))
            .filter(plan.unmatched::contains)
            .toList();
    if (!missing.isEmpty()) {
      throw new ModelException(String.join("\n", missing));
    }
    return plan;
  }

  private static LoraPlan of(
      ModelPlan model, LoraSpec spec, AdapterContext context, ModuleNames names, boolean read) {
    List<String> unmatched = new ArrayList<>();
    HeadRules heads = new HeadRules(context.taskType());
    SavedModules saved = SavedModules.of(model, spec, heads, names, read, unmatched);
    TargetSelection selection =
        new TargetSelection(model, spec, PLACEMENT, heads, context.defaultTargets(), names);
    var budget = new PythonRegex.Budget();
    var ranks = new PatternValues<>("rank_pattern", spec.rankPattern(), budget);
    var alphas = new PatternValues<>("alpha_pattern", spec.alphaPattern(), budget);
    List<TargetModule> selected = selection.select(saved.paths());
    List<LoraTarget> targets =
        selected.stream().map(module -> target(spec, module, ranks, alphas, names)).toList();
    unmatched.addAll(selection.unmatched(selected, List.of(ranks, alphas)));
    List<String> biases = biases(model, spec, targets, new HashSet<>(saved.parameters()));
    return new LoraPlan(model, spec, targets, saved, biases, names, List.copyOf(unmatched));
  }

  private static ModuleNames namesOf(ModelPlan model, LoraSpec spec) {
    var targets = spec.targetModules();
    if (targets == null || targets instanceof Targets.AllLinear) {
      return ModuleNames.of(model);
    }
    return ModuleNames.of(
        model, ModuleMatcher.of("target_modules", targets, new PythonRegex.Budget()));
  }

  private static LoraTarget target(
      LoraSpec spec,
      TargetModule module,
      PatternValues<Integer> ranks,
      PatternValues<Double> alphas,
      ModuleNames names) {
    int rank = ranks.of(names.of(module.path()), spec.rank());
    double alpha = alphas.of(names.of(module.path()), spec.alpha());
    long widest = Math.max(module.fanIn(), module.out());
    if (widest > Integer.MAX_VALUE / rank) {
      throw new ModelException(
          "rank: got %,d, which makes matrices of %s too large; expected at most %,d there"
              .formatted(rank, module.path(), Integer.MAX_VALUE / widest));
    }
    return new LoraTarget(module, rank, alpha, spec.scaling(rank, alpha));
  }

  private static List<String> biases(
      ModelPlan model, LoraSpec spec, List<LoraTarget> targets, Set<String> saved) {
    List<String> biases = new ArrayList<>();
    if (spec.bias() == Bias.ALL) {
      model.parameters().keySet().stream()
          .filter(name -> name.contains("bias") && !saved.contains(name))
          .forEach(biases::add);
    } else if (spec.bias() == Bias.LORA_ONLY) {
      targets.stream()
          .filter(target -> target.module().bias())
          .forEach(target -> biases.add(target.path() + ".bias"));
    }
    return biases;
  }

  /** Elements that training updates. */
  long trainable() {
    return pairs() + elements(saved.parameters()) + elements(biases);
  }

  /** All elements as PEFT counts them: the model, the pairs, and the copies of saved modules. */
  long all() {
    return model.elements() + pairs() + elements(saved.parameters());
  }

  /** The same in the words of every adapter method. */
  AdapterSummary summary() {
    List<String> notes = new ArrayList<>(saved.notes());
    unmatched.forEach(line -> notes.add("no effect: " + line));
    return new AdapterSummary(
        targets.stream().map(LoraTarget::path).toList(), saved.paths(), trainable(), all(), notes);
  }

  private long pairs() {
    return targets.stream().mapToLong(LoraTarget::elements).sum();
  }

  private long elements(List<String> parameters) {
    return parameters.stream()
        .map(name -> model.architecture().tied().getOrDefault(name, name))
        .map(model.parameters()::get)
        .mapToLong(ParameterSpec::elements)
        .sum();
  }
}
