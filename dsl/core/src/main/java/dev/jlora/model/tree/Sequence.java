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

  @Override
  public boolean readsOnlyFirstToken() {
    return parts.stream()
        .dropWhile(Layer::tokenwise)
        .findFirst()
        .map(Layer::readsOnlyFirstToken)
        .orElse(false);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    return inOrder(parts.stream().map(assembly::build).toList());
  }

  /** Tokens are dropped at the last layer that mixes them. */
  @Override
  public Module buildForFirstToken(Assembly assembly) {
    if (tokenwise()) {
      return Layer.super.buildForFirstToken(assembly);
    }
    int last = parts.size() - 1;
    while (parts.get(last).tokenwise()) {
      last--;
    }
    List<Module> steps = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Layer part = parts.get(i);
      steps.add(i == last ? assembly.buildForFirstToken(part) : assembly.build(part));
    }
    return inOrder(steps);
  }

  private static Module inOrder(List<Module> steps) {
    return (input, pass) -> {
      Tensor x = input;
      for (Module step : steps) {
        x = step.forward(x, pass);
      }
      return x;
    };
  }
}
