package dev.jlora.model.runtime;

import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The adapters that run together in one pass, or for the same rows of it. */
public final class ActiveAdapters {
  public static final ActiveAdapters NONE = new ActiveAdapters(List.of());

  private record One(String name, Adapter adapter, double weight) {}

  private final List<One> active;

  private ActiveAdapters(List<One> active) {
    this.active = active;
  }

  /**
   * @param attached returns the network's adapter with a name
   * @throws ModelException if a name is unknown, or two adapters override the same parameter
   */
  public static ActiveAdapters of(
      AdapterSelection.Weighted selection, Function<String, Adapter> attached) {
    if (selection.weights().isEmpty()) {
      return NONE;
    }
    List<One> active = new ArrayList<>(selection.weights().size());
    selection
        .weights()
        .forEach((name, weight) -> active.add(new One(name, attached.apply(name), weight)));
    if (active.size() > 1) {
      requireDisjoint(active);
      requireOneTransform(active);
    }
    return new ActiveAdapters(active);
  }

  private static void requireOneTransform(List<One> active) {
    List<String> names =
        active.stream()
            .filter(one -> one.adapter.inputs() != null)
            .map(one -> "'%s'".formatted(one.name))
            .sorted()
            .toList();
    if (names.size() > 1) {
      throw new ModelException(
          "the adapters %s each put virtual tokens before the text; only one of the adapters that"
                  .formatted(String.join(" and ", names))
              + " run together may");
    }
  }

  private static void requireDisjoint(List<One> active) {
    Map<String, String> owners = new LinkedHashMap<>();
    for (One one : active) {
      for (String parameter : one.adapter.overrides().keySet()) {
        String other = owners.put(parameter, one.name);
        if (other != null) {
          throw new ModelException(
              ("the adapters '%s' and '%s' each bring a trained %s; only one of the adapters that"
                      + " run together may")
                  .formatted(other, one.name, parameter));
        }
      }
    }
  }

  public boolean isEmpty() {
    return active.isEmpty();
  }

  /** The adapter layer of a module; null if the module is not adapted. */
  public @Nullable AdapterLayer layer(String path) {
    AdapterLayer first = null;
    List<AdapterLayer> chain = null;
    for (One one : active) {
      AdapterLayer layer = one.adapter.layers().get(path);
      if (layer == null) {
        continue;
      }
      AdapterLayer weighted = one.weight == 1 ? layer : layer.weighted(one.weight);
      if (first == null) {
        first = weighted;
      } else {
        chain = chain == null ? new ArrayList<>(List.of(first)) : chain;
        chain.add(weighted);
      }
    }
    return chain == null ? first : new ChainedLayers(chain);
  }

  /** The parameter that overrides the base's parameter with this name; null if there is none. */
  public @Nullable Parameter override(String name) {
    for (One one : active) {
      Map<String, Parameter> overrides = one.adapter.overrides();
      if (!overrides.isEmpty()) {
        Parameter override = overrides.get(name);
        if (override != null) {
          return override;
        }
      }
    }
    return null;
  }

  /** The transform of a batch before the first layer; null for none. */
  public @Nullable InputTransform inputs() {
    for (One one : active) {
      InputTransform inputs = one.adapter.inputs();
      if (inputs != null) {
        return inputs;
      }
    }
    return null;
  }

  /** The name of the adapter with an {@link InputTransform}; null if there is none. */
  public @Nullable String transforming() {
    return active.stream()
        .filter(one -> one.adapter.inputs() != null)
        .map(One::name)
        .findFirst()
        .orElse(null);
  }

  /** The names of all overridden parameters. */
  public Set<String> overrides() {
    Set<String> names = new LinkedHashSet<>();
    active.forEach(one -> names.addAll(one.adapter.overrides().keySet()));
    return names;
  }

  /** The paths of all adapted modules. */
  public Set<String> modules() {
    Set<String> paths = new LinkedHashSet<>();
    active.forEach(one -> paths.addAll(one.adapter.layers().keySet()));
    return paths;
  }

  /** The parameters that training updates, adapter by adapter. */
  public List<Parameter> trainable() {
    if (active.size() == 1) {
      return active.getFirst().adapter.parameters();
    }
    List<Parameter> all = new ArrayList<>();
    active.forEach(one -> all.addAll(one.adapter.parameters()));
    return all;
  }
}
