package dev.jlora.model.network;

import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.ActiveAdapters;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.TiedWeight;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The weights that merged adapters put in place of a network's own, and how to restore those. */
final class MergedWeights {
  private final Map<String, Parameter> parameters;
  private final Scope scope;
  private final List<Parameter> swapped = new ArrayList<>();
  private final Map<TiedWeight, Parameter> untied = new LinkedHashMap<>();

  /**
   * @param parameters the network's parameters; tied weights with values of their own are added to
   *     them
   * @param scope owns the merged weights
   */
  MergedWeights(Map<String, Parameter> parameters, Scope scope) {
    this.parameters = parameters;
    this.scope = scope;
  }

  /** Merges adapters into the weights. */
  void merge(ActiveAdapters active, Collection<Adaptable> modules, Collection<TiedWeight> ties) {
    ties.stream()
        .filter(tied -> !staysTied(tied, active, modules))
        .forEach(tied -> untie(tied, readBy(tied, active)));
    for (Adaptable module : modules) {
      AdapterLayer layer = active.layer(module.path());
      boolean shares = module.tied() != null && !untied.containsKey(module.tied());
      if (layer != null) {
        try (var _ = Scope.open()) {
          if (!shares) { // otherwise merged with the weight that it shares
            swap(module.weight(), layer.merged(used(module.weight(), active)).share());
          }
          mergeBias(module.bias(), layer, active);
        }
      }
    }
    for (String name : active.overrides()) {
      Parameter base = parameters.get(name);
      boolean done = swapped.contains(base) || untied.containsValue(base);
      if (base != null && !done) {
        try (var _ = Scope.open()) {
          swap(base, active.override(name).value().share());
        }
      }
    }
  }

  private void mergeBias(@Nullable Parameter bias, AdapterLayer layer, ActiveAdapters active) {
    if (bias != null) {
      Tensor used = used(bias, active);
      Tensor merged = layer.mergedBias(used);
      if (merged != used) {
        swap(bias, merged.share());
      }
    }
  }

  /** The value that the adapters run with, which may be one that they trained. */
  private static Tensor used(Parameter parameter, ActiveAdapters active) {
    Parameter trained = active.override(parameter.name());
    return (trained == null ? parameter : trained).value();
  }

  /**
   * Whether a tied layer reads the same weight as the one that it shares its weight with: the same
   * parameter, with the same adapter layers.
   */
  private static boolean staysTied(
      TiedWeight tied, ActiveAdapters active, Collection<Adaptable> modules) {
    Parameter override = active.override(tied.source().name());
    if (readBy(tied, active) != (override == null ? tied.source() : override)) {
      return false;
    }
    AdapterLayer own = active.layer(tied.module());
    return modules.stream()
        .filter(module -> module.tied() == null && module.weight() == tied.source())
        .allMatch(module -> Objects.equals(active.layer(module.path()), own));
  }

  private static Parameter readBy(TiedWeight tied, ActiveAdapters active) {
    for (String name : tied.names()) {
      Parameter override = active.override(name);
      if (override != null) {
        return override;
      }
    }
    Parameter source = active.override(tied.source().name());
    return tied.names().isEmpty() && source != null ? source : tied.source();
  }

  private void untie(TiedWeight tied, Parameter read) {
    if (tied.names().isEmpty()) {
      throw new ModelException(
          ("%s: an adapter changes its weight, which another layer shares; that layer would need a"
                  + " weight of its own, for which the architecture has no name")
              .formatted(tied.source().name()));
    }
    String name = tied.names().getFirst();
    try (var _ = Scope.open()) {
      Parameter own = Parameter.loaded(name, read.kind(), read.value().share(), scope);
      parameters.put(name, own);
      tied.set(own);
      untied.put(tied, own);
    }
  }

  private void swap(Parameter parameter, Tensor value) {
    parameter.swapIn(value);
    swapped.add(parameter);
  }

  /** Restores every weight bit for bit. */
  void unmerge() {
    swapped.forEach(Parameter::swapBack);
    untied.forEach(
        (tied, own) -> {
          parameters.remove(own.name());
          tied.set(tied.source());
          own.value().close();
        });
  }
}
