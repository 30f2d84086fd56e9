package dev.jlora.engine.adapters;

import dev.jlora.engine.jobs.JobParts;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.NewWeights;
import dev.jlora.host.Plugins;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.peft.algebra.LowRank;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Extracts a LoRA adapter from a fine-tuned model: the best low-rank approximation of what
 * fine-tuning changed in each target module. Heads that differ are stored with the adapter.
 */
public final class AdapterExtractor {
  private final Plugins plugins;

  public AdapterExtractor(Plugins plugins) {
    this.plugins = plugins;
  }

  /**
   * An extracted adapter for the base model's network, until that takes it over.
   *
   * @param modules rank and error of each update
   * @param lost parameters that differ, and that the adapter contains neither as updates nor in
   *     full
   */
  public record Extracted(Adapter adapter, List<ModuleUpdate> modules, List<String> lost)
      implements AutoCloseable {
    public Extracted {
      modules = List.copyOf(modules);
      lost = List.copyOf(lost);
    }

    @Override
    public void close() {
      adapter.close();
    }
  }

  /**
   * Extracts an adapter.
   *
   * @param base the base model, and its task
   * @param model the base model's network
   * @param tuned a fine-tuned copy of the base model, with the same head
   * @param settings targets, rank, {@code modules_to_save} and {@code bias}; without targets, those
   *     of LoRA for the model. The rank is the largest one if a share is given
   * @param share of each update's squared norm that its rank keeps, above 0 and at most 1; null for
   *     the same rank everywhere
   * @param baseName the base model's name in the adapter's configuration
   * @throws ModelException if no target differs, or the models have other shapes
   */
  public Extracted extract(
      ResolvedJob base,
      LoadedModel model,
      Network tuned,
      LoraSpec settings,
      @Nullable Double share,
      String baseName) {
    Problems.in("extraction")
        .unless(
            share == null || share > 0 && share <= 1,
            "energy: got %s, expected above 0 and at most 1",
            share)
        .throwIfAny();
    Network network = model.network();
    requireSameShapes(network, tuned);
    AdapterContext context = context(base, baseName);
    AdapterMethod<?> lora = plugins.adapters().get(LoraSpec.METHOD);
    LoraSpec saving = (LoraSpec) settings.alsoSaving(changed(heads(base, model), network, tuned));
    AdapterPlan plan = lora.planOf(network.plan(), saving, context);
    try (var _ = Scope.open()) {
      Map<String, LowRank> updates = new LinkedHashMap<>();
      List<ModuleUpdate> modules = new ArrayList<>();
      for (String path : plan.summary().targets()) {
        Adaptable module = network.adaptables().get(path);
        LowRank.Decomposition change =
            LowRank.Decomposition.of(
                difference(module, module.weight(), tuned.parameter(module.weight().name())));
        int rank =
            share == null
                ? settings.rank()
                : Math.min(settings.rank(), Math.max(1, change.rankOfShare(share)));
        LowRank update = change.rank(rank);
        updates.put(path, update);
        double norm = change.norm();
        modules.add(
            new ModuleUpdate(path, update.rank(), norm == 0 ? 0 : change.tail(rank) / norm));
      }
      Adapter adapter = new LoraAssembly(plugins, network, context).adapter(updates, saving);
      try {
        LoraAssembly.override(adapter, name -> tuned.parameter(source(tuned, name)).value());
        return new Extracted(adapter, modules, lost(adapter, network, tuned));
      } catch (RuntimeException | Error failure) {
        adapter.close();
        throw failure;
      }
    }
  }

  private static AdapterContext context(ResolvedJob base, String baseName) {
    String type = base.task().peftTaskType();
    return new AdapterContext(
        type == null ? "" : type,
        JobParts.defaultTargets(
            base.plugins().adapters().get(LoraSpec.METHOD),
            base.family().modelType(),
            base.family().defaultTargets()),
        /* seed= */ 0,
        baseName,
        /* start= */ null,
        base.config());
  }

  /** The task's head, and what else the base model lacks. */
  private static List<String> heads(ResolvedJob base, LoadedModel model) {
    Set<String> heads = new LinkedHashSet<>(base.architecture().heads());
    heads.addAll(NewWeights.modules(model.network().plan(), model.report().fresh()));
    return List.copyOf(heads);
  }

  /** The parameter that holds a tied weight. */
  private static String source(Network network, String name) {
    return network.architecture().tied().getOrDefault(name, name);
  }

  private static void requireSameShapes(Network network, Network tuned) {
    List<String> different = new ArrayList<>();
    Set<String> others = new TreeSet<>();
    tuned.parameters().forEach(parameter -> others.add(parameter.name()));
    for (Parameter parameter : network.parameters()) {
      if (!others.contains(parameter.name())
          || !tuned.parameter(parameter.name()).shape().equals(parameter.shape())) {
        different.add(parameter.name());
      }
    }
    if (!different.isEmpty()) {
      throw new ModelException(
          "extraction: the models differ in the shapes of %s; expected a fine-tuned copy of the base"
              .formatted(String.join(", ", different.subList(0, Math.min(3, different.size())))));
    }
  }

  /** The heads, among these, that fine-tuning changed. */
  private static List<String> changed(List<String> heads, Network network, Network tuned) {
    return heads.stream()
        .filter(
            head ->
                network.plan().parametersOf(head).stream()
                    .map(name -> source(network, name))
                    .anyMatch(name -> differs(network, tuned, name)))
        .toList();
  }

  private static boolean differs(Network network, Network tuned, String name) {
    try (var _ = Scope.open()) {
      return norm(
              Ops.sub(
                  LowRank.matrix(tuned.parameter(name).value()),
                  LowRank.matrix(network.parameter(name).value())))
          > 0;
    }
  }

  private static double norm(Tensor matrix) {
    return Reduce.sum(Ops.square(matrix)).item();
  }

  /** What fine-tuning added to a weight, [out, in], in FLOAT64. */
  private static Tensor difference(Adaptable module, Parameter base, Parameter tuned) {
    Tensor change = Ops.sub(LowRank.matrix(tuned.value()), LowRank.matrix(base.value()));
    boolean byInput = module.transposed() || module.target().kind() == Kind.EMBEDDING;
    return byInput ? Ops.contiguous(Views.t(change)) : change;
  }

  /** The parameters that differ, and that the adapter does not change. */
  private static List<String> lost(Adapter adapter, Network network, Network tuned) {
    Set<String> covered = new TreeSet<>(adapter.overrides().keySet());
    for (String path : adapter.layers().keySet()) {
      covered.add(network.adaptables().get(path).weight().name());
    }
    return network.parameters().stream()
        .map(Parameter::name)
        .filter(name -> !covered.contains(name) && differs(network, tuned, name))
        .toList();
  }
}
