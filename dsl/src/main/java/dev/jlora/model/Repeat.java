package dev.jlora.model;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of blocks named 0, 1, 2, ...; what goes in and what each block gives are the model's
 * {@code hidden_states.0..n} when a pass wants them.
 *
 * <p>Every block runs in a scope of its own, so that what only the block needed is freed at its
 * end, and what went into a block is freed once the next has it; the tape keeps what its backward
 * needs. In a checkpointing pass it keeps no more than what went into each block.
 */
public record Repeat(List<Layer> blocks) implements Layer {
  public Repeat {
    blocks = List.copyOf(blocks);
  }

  @Override
  public List<Layer> parts() {
    List<Layer> parts = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      parts.add(new Named(Integer.toString(i), blocks.get(i)));
    }
    return parts;
  }

  @Override
  public Layer firstTokenOnly() {
    if (blocks.isEmpty()) {
      return FirstTokenOnly.before(this);
    }
    List<Layer> all = new ArrayList<>(blocks);
    all.set(all.size() - 1, blocks.getLast().firstTokenOnly());
    return new Repeat(all);
  }

  @Override
  public Module build(Assembly assembly) {
    List<Module> built = parts().stream().map(assembly::build).toList();
    return (input, pass) -> {
      Tensor x = input;
      handOut(0, x, pass);
      for (int i = 0; i < built.size(); i++) {
        Tensor y = run(built.get(i), x, pass);
        if (i > 0 && y != x && !pass.wantsHiddenStates()) {
          x.close();
        }
        x = y;
        handOut(i + 1, x, pass);
      }
      return x;
    };
  }

  private static Tensor run(Module block, Tensor x, Pass pass) {
    return pass.checkpointing()
        ? pass.tape().checkpoint(pass.random(), x, input -> inOwnScope(block, input, pass))
        : inOwnScope(block, x, pass);
  }

  private static Tensor inOwnScope(Module block, Tensor input, Pass pass) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(block.forward(input, pass));
    }
  }

  private static void handOut(int index, Tensor x, Pass pass) {
    if (pass.wantsHiddenStates()) {
      pass.output("hidden_states." + index, x);
    }
  }
}
