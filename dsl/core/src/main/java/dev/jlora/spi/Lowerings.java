package dev.jlora.spi;

import dev.jlora.model.ModelException;
import dev.jlora.model.layers.HiddenState;
import dev.jlora.model.layers.Repeat;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.tree.Named;
import dev.jlora.model.tree.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All lowerings to one target, those of every plugin. Layers that only arrange others need none:
 * names, sequences, repeated blocks, hidden states on request. A lowering bound for one of these
 * kinds replaces the default.
 *
 * @param <G> the target's graph builder
 * @param <V> a value in that graph
 */
public final class Lowerings<G, V> {
  private final LoweringTarget<G, V> target;
  private final Function<String, Optional<Lowering<?, ?, ?>>> bound;

  private Lowerings(
      LoweringTarget<G, V> target, Function<String, Optional<Lowering<?, ?, ?>>> bound) {
    this.target = target;
    this.bound = bound;
  }

  /**
   * @param bound finds a lowering of any target by its {@link LoweringTarget#key}
   */
  public static <G, V> Lowerings<G, V> of(
      LoweringTarget<G, V> target, Function<String, Optional<Lowering<?, ?, ?>>> bound) {
    return new Lowerings<>(target, bound);
  }

  /**
   * Adds a whole model to a graph.
   *
   * @param input the model's main input
   * @return the result of its last layer
   * @throws ModelException before anything is added, if a layer's kind has no lowering; the message
   *     names all of these
   */
  public V lower(ModelPlan plan, G graph, V input) {
    require(plan);
    return new LoweringContext<>(this, plan, graph, "").lower(plan.architecture().root(), input);
  }

  /**
   * Checks that every layer of a model can be lowered.
   *
   * @throws ModelException naming all kinds that have no lowering, with their paths
   */
  public void require(ModelPlan plan) {
    Map<Class<?>, List<String>> missing = new LinkedHashMap<>();
    collect(plan.architecture().root(), "", missing);
    if (!missing.isEmpty()) {
      throw refused(plan, missing);
    }
  }

  private void collect(Layer layer, String path, Map<Class<?>, List<String>> missing) {
    if (find(layer) == null) {
      missing.computeIfAbsent(layer.getClass(), _ -> new ArrayList<>()).add(path);
    }
    String below = layer instanceof Named named ? Assembly.join(path, named.name()) : path;
    layer.parts().forEach(part -> collect(part, below, missing));
  }

  /** The lowering of a layer at a position. */
  Lowering<Layer, G, V> get(Layer layer, LoweringContext<G, V> at) {
    Lowering<Layer, G, V> found = find(layer);
    if (found == null) {
      throw refused(at.plan(), Map.of(layer.getClass(), List.of(at.path())));
    }
    return found;
  }

  @SuppressWarnings("unchecked") // Contributions.lowering binds by kind and target of this type
  private @Nullable Lowering<Layer, G, V> find(Layer layer) {
    return bound
        .apply(target.key(layer.getClass()))
        .map(lowering -> (Lowering<Layer, G, V>) lowering)
        .orElseGet(() -> inOrder(layer));
  }

  /** The default for layers that only arrange others; null for all other kinds. */
  private @Nullable Lowering<Layer, G, V> inOrder(Layer layer) {
    return switch (layer) {
      case Named named -> (_, input, at) -> at.at(named.name()).lower(named.layer(), input);
      case Sequence _, Repeat _, HiddenState _ ->
          (_, input, at) -> {
            V x = input;
            for (Layer part : layer.parts()) {
              x = at.lower(part, x);
            }
            return x;
          };
      default -> null;
    };
  }

  private ModelException refused(ModelPlan plan, Map<Class<?>, List<String>> missing) {
    List<String> kinds = new ArrayList<>();
    missing.forEach((kind, paths) -> kinds.add(kind.getName() + " " + where(paths)));
    return new ModelException(
        ("%s cannot be lowered to %s: there is no lowering of %s. The plugin that provides a kind"
                + " binds one: Contributions.of(binder).lowering(target, Kind.class, (layer, input,"
                + " context) -> ...)")
            .formatted(plan.architecture().name(), target.name(), String.join(", ", kinds)));
  }

  private static String where(List<String> paths) {
    String first = paths.getFirst().isEmpty() ? "at the root" : "at " + paths.getFirst();
    int more = paths.size() - 1;
    return more == 0 ? "(%s)".formatted(first) : "(%s and %,d more)".formatted(first, more);
  }
}
