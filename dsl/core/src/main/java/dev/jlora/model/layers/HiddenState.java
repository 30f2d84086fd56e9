package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Outputs the result of {@code body} as {@code hidden_states.index} if a pass requests hidden
 * states. A decoder with a norm after its last block uses it for the norm's result, instead of the
 * block's own.
 */
public record HiddenState(int index, Layer body) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body);
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
    return around(assembly.build(body));
  }

  @Override
  public Module buildForFirstToken(Assembly assembly) {
    return around(assembly.buildForFirstToken(body));
  }

  private Module around(Module inner) {
    return (x, pass) -> {
      Tensor y = inner.forward(x, pass);
      if (pass.wantsHiddenStates()) {
        pass.output("hidden_states." + index, y);
      }
      return y;
    };
  }
}
