package dev.jlora.model.tree;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Layers in sequence. */
public record Sequence(List<Layer> parts) implements Layer {
  public Sequence {
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

  /** Tokens are dropped at the last layer that mixes them. */
  @Override
  public Layer firstTokenOnly() {
    int last = parts.size() - 1;
    while (last >= 0 && parts.get(last).tokenwise()) {
      last--;
    }
    if (last < 0) {
      return FirstTokenOnly.before(this);
    }
    List<Layer> steps = new ArrayList<>(parts);
    steps.set(last, parts.get(last).firstTokenOnly());
    return new Sequence(steps);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    List<Module> steps = parts.stream().map(assembly::build).toList();
    return (input, pass) -> {
      Tensor x = input;
      for (Module step : steps) {
        x = step.forward(x, pass);
      }
      return x;
    };
  }
}
