package dev.jlora.spi;

import dev.jlora.model.tree.Layer;

/**
 * Another runtime or file format that trees of layers are lowered to. Declare it as a constant in
 * the plugin that contributes the target; its type parameters are those of the lowerings bound for
 * it.
 *
 * @param name of the target in messages and in the names of its lowerings: {@code onnx}
 * @param <G> the target's graph builder
 * @param <V> a value in that graph, such as the result of a layer
 */
public record LoweringTarget<G, V>(String name) {

  /** The name under which the lowering of a kind of layer is bound. */
  public String key(Class<? extends Layer> kind) {
    return name + "/" + kind.getName();
  }
}
