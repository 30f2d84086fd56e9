package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Hands what {@code body} gives out as {@code hidden_states.index} when a pass wants those. A
 * decoder with a norm behind its last block names that norm's result so, in place of the block's
 * own.
 */
public record HiddenState(int index, Layer body) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body);
  }

  @Override
  public Layer firstTokenOnly() {
    return new HiddenState(index, body.firstTokenOnly());
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
      if (pass.wantsHiddenStates()) {
        pass.output("hidden_states." + index, y);
      }
      return y;
    };
  }
}
