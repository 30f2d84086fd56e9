package dev.jlora.spi;

import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.ModelPlan;

/**
 * The position in the tree at which a layer is lowered.
 *
 * @param <G> the target's graph builder
 * @param <V> a value in that graph
 */
public final class LoweringContext<G, V> {
  private final Lowerings<G, V> lowerings;
  private final ModelPlan plan;
  private final G graph;
  private final String path;

  LoweringContext(Lowerings<G, V> lowerings, ModelPlan plan, G graph, String path) {
    this.lowerings = lowerings;
    this.plan = plan;
    this.graph = graph;
    this.path = path;
  }

  /** The graph that is built. */
  public G graph() {
    return graph;
  }

  /** The dotted name of the layer; empty at the root. */
  public String path() {
    return path;
  }

  /** The model that is lowered, with all its parameters. */
  public ModelPlan plan() {
    return plan;
  }

  /** The position {@code name} below this one. */
  public LoweringContext<G, V> at(String name) {
    return new LoweringContext<>(lowerings, plan, graph, Assembly.join(path, name));
  }

  /**
   * Adds a part of the layer to the graph, or layers that compute the same as this one.
   *
   * @return its result
   * @throws ModelException if its kind has no lowering
   */
  public V lower(Layer part, V input) {
    return lowerings.get(part, this).lower(part, input, this);
  }

  /** The layer's own parameter, by the name in its record; the result has its full name. */
  public ParameterSpec parameter(String name) {
    return shared(Assembly.join(path, name));
  }

  /** A parameter of another layer, by its full name: the one that holds a tied weight. */
  public ParameterSpec shared(String fullName) {
    ParameterSpec parameter = plan.parameters().get(fullName);
    if (parameter == null) {
      throw new ModelException(
          "%s reads the parameter %s, which no layer declares".formatted(path, fullName));
    }
    return parameter;
  }
}
