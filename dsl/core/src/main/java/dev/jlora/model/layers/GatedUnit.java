package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;

/**
 * A gated linear unit over one tensor: activation(a) * b of the halves a and b of the last
 * dimension, [..., 2 n] to [..., n] (arXiv:2002.05202).
 */
public record GatedUnit(Activation activation) implements Layer {
  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    Module activated = assembly.build(activation);
    return (x, pass) -> {
      Tape tape = pass.tape();
      int last = x.rank() - 1;
      long width = x.size(last);
      if (width % 2 != 0) {
        throw new ModelException(
            "gated unit: got %d features, expected an even number: a gate and what it scales"
                .formatted(width));
      }
      Tensor gate = Functions.slice(tape, x, last, 0, width / 2);
      Tensor scaled = Functions.slice(tape, x, last, width / 2, width);
      return Functions.mul(tape, activated.forward(gate, pass), scaled);
    };
  }
}
