package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Projecting;
import dev.jlora.model.runtime.Projection;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * Outputs the result of {@code linear} under {@code name}, computed on demand if its weight is
 * frozen. The last layer of a model: it passes its input on.
 */
public record OutputProjection(String name, Layer linear) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(linear);
  }

  @Override
  public List<String> outputs() {
    return List.of(name);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Projecting product = assembly.build(linear, Projecting.class);
    return (x, pass) -> {
      Projection projection = product.projection(x, pass);
      if (projection == null) {
        pass.output(name, product.forward(x, pass));
      } else {
        pass.output(name, projection);
      }
      return x;
    };
  }
}
