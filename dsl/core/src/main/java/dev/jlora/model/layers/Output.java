package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * Outputs the result of {@code body} under {@code name}, and passes it to the next layer.
 *
 * @param cut whether the body computes only the first token, except in passes that request all;
 *     only complete results are output
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
