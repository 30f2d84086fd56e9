package dev.jlora.model.tree;

import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.KeyValueCache;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers of a tree that use a {@link KeyValueCache}.
 *
 * @param storing the paths of layers that store tokens
 * @param ignoring the layers that would see only the newest tokens, with their paths
 */
public record CacheSlots(List<String> storing, List<String> ignoring) {

  public static CacheSlots of(Layer root) {
    CacheSlots slots = new CacheSlots(new ArrayList<>(), new ArrayList<>());
    slots.visit(root, "");
    return slots;
  }

  private void visit(Layer layer, String path) {
    switch (layer.cacheUse()) {
      case NOTHING -> {}
      case STORES -> storing.add(path);
      case IGNORES -> {
        String kind = layer.getClass().getSimpleName();
        ignoring.add(path.isEmpty() ? kind : "%s (%s)".formatted(path, kind));
      }
    }
    String below = layer instanceof Named named ? Assembly.join(path, named.name()) : path;
    layer.parts().forEach(part -> visit(part, below));
  }

  /**
   * @throws ModelException naming a layer that ignores the cache
   */
  public void require(String architecture) {
    if (ignoring.isEmpty()) {
      return;
    }
    String more = ignoring.size() > 1 ? " and %,d more".formatted(ignoring.size() - 1) : "";
    throw new ModelException(
        ("%s: the layer %s%s attends to other tokens without using the key/value cache, so it would"
             + " see only the newest token. Generate without the cache (--no-cache, or"
             + " withoutCache() in Java). A layer that processes one token at a time declares"
             + " tokenwise(); one that stores its tokens in the cache declares cacheUse() STORES")
            .formatted(architecture, ignoring.getFirst(), more));
  }
}
