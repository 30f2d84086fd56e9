package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Outputs the columns of [..., n] under n names, each [...]: question answering's start and end
 * logits.
 */
public record SplitOutputs(List<String> names) implements Layer {
  public SplitOutputs {
    names = List.copyOf(names);
  }

  @Override
  public List<String> outputs() {
    return names;
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    return (x, pass) -> {
      int last = x.rank() - 1;
      for (int i = 0; i < names.size(); i++) {
        Tensor column = Functions.select(pass.tape(), x, last, i);
        pass.output(names.get(i), column);
      }
      return x;
    };
  }
}
