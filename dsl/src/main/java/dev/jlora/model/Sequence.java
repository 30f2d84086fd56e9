package dev.jlora.model;

import dev.jlora.tensor.Tensor;
import java.util.List;

/** One layer after the other. */
public record Sequence(List<Layer> parts) implements Layer {
  public Sequence {
    parts = List.copyOf(parts);
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
