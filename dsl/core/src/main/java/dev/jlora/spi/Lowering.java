package dev.jlora.spi;

import dev.jlora.model.tree.Layer;

/**
 * Translates one kind of layer to the graph of a {@link LoweringTarget}. It reads the layer's
 * record; a plugin binds one for each of its own kinds by {@link Contributions#lowering}.
 *
 * @param <L> the kind of layer
 * @param <G> the target's graph builder
 * @param <V> a value in that graph
 */
@PartKind("lowering")
@FunctionalInterface
public interface Lowering<L extends Layer, G, V> {

  /**
   * Adds a layer to the graph.
   *
   * @param input the layer's input
   * @param context of the layer: the graph, its parameters, and the lowering of its parts
   * @return the layer's result
   */
  V lower(L layer, V input, LoweringContext<G, V> context);
}
