package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Outputs the result of {@code body} under {@code name}, and passes it to the next layer. Only
 * complete results are output, not those of a pass that computes only the first token.
 */
public record Output(String name, Layer body) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body);
  }

  @Override
  public List<String> outputs() {
    return List.of(name);
  }

  @Override
  public boolean readsOnlyFirstToken() {
    return body.readsOnlyFirstToken();
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    return (x, pass) -> {
      Tensor y = inner.forward(x, pass);
      pass.output(name, y);
      return y;
    };
  }

  @Override
  public Module buildForFirstToken(Assembly assembly) {
    Module inner = assembly.buildForFirstToken(body);
    return (x, pass) -> {
      Tensor y = inner.forward(x, pass);
      if (pass.wantsAllTokens()) {
        pass.output(name, y);
      }
      return y;
    };
  }
}
