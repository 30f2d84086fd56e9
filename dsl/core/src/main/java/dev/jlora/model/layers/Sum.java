package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Adds the results of its parts for the same input, from the last part to the first: with the
 * smallest (broadcast) terms last, there are few large additions.
 */
public record Sum(List<Layer> parts) implements Layer {
  public Sum {
    parts = List.copyOf(parts);
  }

  @Override
  public boolean tokenwise() {
    return parts.stream().allMatch(Layer::tokenwise);
  }

  @Override
  public boolean supportsUnpadded() {
    return parts.stream().allMatch(Layer::supportsUnpadded);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    List<Module> terms = parts.stream().map(assembly::build).toList();
    return (input, pass) -> {
      Tensor sum = terms.getLast().forward(input, pass);
      for (Module term : terms.reversed().subList(1, terms.size())) {
        sum = Functions.add(pass.tape(), term.forward(input, pass), sum);
      }
      return sum;
    };
  }
}
