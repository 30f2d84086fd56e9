package dev.jlora.spi;

import dev.jlora.model.tree.Layer;

/**
 * Says how one kind of layer is computed in the graph of a {@link LoweringTarget}. It reads the
 * layer's record; a plugin binds one for each of its own kinds by {@link Contributions#lowering}.
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
   * @param input the value that the layer gets
   * @param context of the layer: the graph, its parameters, and the lowering of its parts
   * @return the layer's result
   */
  V lower(L layer, V input, LoweringContext<G, V> context);
}
