package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * Hands what {@code body} gives out of the model under {@code name}, and on to the next layer.
 *
 * @param cut the body gives the first token alone except in passes that want all; handed out is
 *     only what is whole
 */
public record Output(String name, Layer body, boolean cut) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body);
  }

  @Override
  public Layer firstTokenOnly() {
    return new Output(name, body.firstTokenOnly(), true);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    return (x, pass) -> {
      var y = inner.forward(x, pass);
      if (!cut || pass.wantsAllTokens()) {
        pass.output(name, y);
      }
      return y;
    };
  }
}
