package dev.jlora.model;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** Learned positions 0..S-1 of the input [B, S, ...]: gives [S, width], which adds to every row. */
public record Positions(Layer table) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(table);
  }

  @Override
  public Module build(Assembly assembly) {
    Adaptable rows = assembly.build(table, Adaptable.class);
    return (input, pass) -> {
      Tensor ids = Ops.to(Ops.arange(input.size(1)), input.device());
      return rows.forward(ids, pass);
    };
  }
}
