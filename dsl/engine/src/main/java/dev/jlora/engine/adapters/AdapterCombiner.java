package dev.jlora.engine.adapters;

import dev.jlora.host.Plugins;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.peft.algebra.Combination;
import dev.jlora.peft.algebra.LowRank;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationType;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Combines saved adapters into a new LoRA adapter, with PEFT's combination types. */
public final class AdapterCombiner {
  private final Plugins plugins;

  public AdapterCombiner(Plugins plugins) {
    this.plugins = plugins;
  }

  /** A saved adapter and its weight, which may be negative. */
  public record Weighted(Path folder, double weight) {}

  /**
   * Combines adapters of one base model. Where their targets differ, the new adapter has all of
   * them. A module that one adapter trains in full is taken over.
   *
   * @return an adapter for {@code network}; the caller closes it or attaches it
   * @throws ModelException naming an adapter whose method or settings cannot be combined, ranks
   *     that must be equal, or modules that several adapters train in full
   * @throws dev.jlora.io.FormatException if a folder does not hold an adapter for the network
   */
  public CombinedAdapter combine(Network network, List<Weighted> parts, CombinationSpec spec) {
    if (parts.isEmpty()) {
      throw new ModelException("combination: got no adapters, expected at least one");
    }
    List<Source> sources = new ArrayList<>();
    try (var _ = Scope.open()) {
      for (Weighted part : parts) {
        sources.add(Source.read(plugins, network, part));
      }
      return combined(network, sources, spec);
    } finally {
      sources.forEach(source -> source.adapter().close());
    }
  }

  private CombinedAdapter combined(Network network, List<Source> sources, CombinationSpec spec) {
    AdapterContext context = context(sources);
    CombinedHeads heads = new CombinedHeads(sources, spec.combineHeads());
    Map<String, LowRank> updates = new LinkedHashMap<>();
    List<ModuleUpdate> modules = new ArrayList<>();
    Combination combination = new Combination(type(spec, sources));
    int rank = rank(spec, sources);
    for (String path : network.adaptables().keySet()) {
      List<Combination.Term> terms = terms(path, sources);
      if (!terms.isEmpty()) {
        Combination.Result result = combination.of(path, terms, rank);
        LowRank update = result.update().times(resultFactor(spec, sources));
        updates.put(path, update);
        modules.add(new ModuleUpdate(path, update.rank(), result.error()));
      }
    }
    Adapter adapter =
        new LoraAssembly(plugins, network, context).adapter(updates, settings(sources));
    try {
      LoraAssembly.override(adapter, heads::value);
      return new CombinedAdapter(adapter, modules);
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }

  /** PEFT scales a single adapter, whatever the type. */
  private static CombinationSpec type(CombinationSpec spec, List<Source> sources) {
    return spec.peftScaling() && sources.size() == 1
        ? CombinationSpec.of(CombinationType.LINEAR).withPeftScaling()
        : spec;
  }

  private static List<Combination.Term> terms(String path, List<Source> sources) {
    List<Combination.Term> terms = new ArrayList<>();
    for (Source source : sources) {
      AdapterLayer layer = source.adapter().layers().get(path);
      if (layer != null) {
        LowRankPair pair = source.pair(path, layer);
        terms.add(
            new Combination.Term(LowRank.factors(pair), pair.scaling(), source.part().weight()));
      }
    }
    return terms;
  }

  private static int rank(CombinationSpec spec, List<Source> sources) {
    return spec.svdRank() != null
        ? spec.svdRank()
        : sources.stream().mapToInt(Source::largestRank).max().orElseThrow();
  }

  /** PEFT keeps the first adapter's use_rslora, and sets alpha to the rank. */
  private static double resultFactor(CombinationSpec spec, List<Source> sources) {
    boolean rslora = sources.getFirst().config().path("use_rslora").asBoolean();
    if (!spec.peftScaling() || !rslora) {
      return 1;
    }
    CombinationType type = type(spec, sources).combinationType();
    int rank =
        type == CombinationType.CAT
            ? sources.stream().mapToInt(Source::largestRank).sum()
            : type.decomposes() ? rank(spec, sources) : sources.getFirst().largestRank();
    return Math.sqrt(rank);
  }

  private static LoraSpec settings(List<Source> sources) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> saved = new LinkedHashSet<>();
    LoraSpec.Builder settings = LoraSpec.builder();
    boolean named = true;
    for (Source source : sources) {
      TargetedSpec spec = source.spec();
      named &= spec.targetModules() instanceof Targets.Names;
      if (spec.targetModules() instanceof Targets.Names list) {
        names.addAll(list.names());
      }
      saved.addAll(source.plan().summary().savedModules());
      if (spec.ensureWeightTying()) {
        settings = settings.ensureWeightTying();
      }
    }
    return settings
        .targets(named ? new Targets.Names(List.copyOf(names)) : null)
        .modulesToSave(List.copyOf(saved))
        .bias(CombinedHeads.bias(sources))
        .build();
  }

  private static AdapterContext context(List<Source> sources) {
    List<String> tasks =
        sources.stream()
            .map(source -> source.config().path("task_type").asText(""))
            .filter(task -> !task.isEmpty() && !task.equals("null"))
            .distinct()
            .toList();
    if (tasks.size() > 1) {
      throw new ModelException(
          "combination: got adapters of the task types %s, expected one task".formatted(tasks));
    }
    String base = sources.getFirst().config().path("base_model_name_or_path").asText("");
    return new AdapterContext(tasks.isEmpty() ? "" : tasks.getFirst(), List.of(), 0, base);
  }
}
