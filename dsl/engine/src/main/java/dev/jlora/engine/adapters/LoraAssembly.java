package dev.jlora.engine.adapters;

import dev.jlora.host.Plugins;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.ops.Ops;
import dev.jlora.peft.algebra.LowRank;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes LoRA adapters of given updates: scaling 1, and a rank pattern where ranks differ. */
final class LoraAssembly {
  private final AdapterMethod<?> lora;
  private final Network network;
  private final AdapterContext context;

  LoraAssembly(Plugins plugins, Network network, AdapterContext context) {
    this.lora = plugins.adapters().get(LoraSpec.METHOD);
    this.network = network;
    this.context = context;
  }

  /**
   * A new adapter; the caller closes it. Modules trained in full have the base's values.
   *
   * @param updates by module path, at least one
   * @param settings targets, saved modules and biases; the targets are replaced by the paths of the
   *     updates if they select other modules
   */
  Adapter adapter(Map<String, LowRank> updates, LoraSpec settings) {
    AdapterPlan plan = plan(updates, settings);
    Adapter adapter = plan.create(network);
    try {
      adapter.layers().forEach((path, layer) -> fill(layer.pairs().getFirst(), updates.get(path)));
      return adapter;
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }

  private AdapterPlan plan(Map<String, LowRank> updates, LoraSpec settings) {
    LoraSpec ranked = ranked(updates, settings);
    if (settings.targetModules() != null) {
      try {
        AdapterPlan plan = lora.planOf(network.plan(), ranked, context);
        if (new HashSet<>(plan.summary().targets()).equals(updates.keySet())) {
          return plan;
        }
      } catch (ModelException e) { // a name that this model lacks, of an adapter of several
      }
    }
    Targets paths = new Targets.Names(List.copyOf(updates.keySet()));
    return lora.planOf(network.plan(), ranked.toBuilder().targets(paths).build(), context);
  }

  /** The most frequent rank for all, and patterns for the other modules. */
  private static LoraSpec ranked(Map<String, LowRank> updates, LoraSpec settings) {
    Map<Integer, Long> counts =
        updates.values().stream()
            .collect(
                Collectors.groupingBy(
                    LoraAssembly::rank, LinkedHashMap::new, Collectors.counting()));
    int usual = Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
    Map<String, Integer> ranks = new LinkedHashMap<>();
    Map<String, Double> alphas = new LinkedHashMap<>();
    updates.forEach(
        (path, update) -> {
          if (rank(update) != usual) {
            String pattern = path.replace(".", "\\.");
            ranks.put(pattern, rank(update));
            alphas.put(pattern, (double) rank(update));
          }
        });
    return settings.toBuilder()
        .rank(usual)
        .alpha(usual)
        .rslora(false)
        .rankPattern(ranks)
        .alphaPattern(alphas)
        .build();
  }

  /** A module without a change has rank 1, and zeros. */
  private static int rank(LowRank update) {
    return Math.max(1, update.rank());
  }

  private static void fill(LowRankPair pair, LowRank update) {
    put(pair.up(), update.up());
    put(pair.down(), update.down());
  }

  private static void put(Parameter parameter, Tensor values) {
    try (var _ = Scope.open()) {
      Tensor own = parameter.own();
      Tensor filled =
          values.elements() == own.elements() ? values : Tensor.zeros(own.dtype(), own.shape());
      Tensor shaped = Views.reshape(Ops.contiguous(Ops.to(filled, own.dtype())), own.shape());
      own.copyFrom(Ops.to(shaped, own.device()));
    }
  }

  /**
   * Sets the modules and biases that the adapter trains in full.
   *
   * @param value of a parameter, by its name; null keeps the base's
   */
  static void override(Adapter adapter, Function<String, Tensor> value) {
    List<String> names = new ArrayList<>(adapter.overrides().keySet());
    for (String name : names) {
      try (var _ = Scope.open()) {
        Tensor found = value.apply(name);
        if (found != null) {
          put(adapter.overrides().get(name), found);
        }
      }
    }
  }
}
