package dev.jlora.model.tree;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.PackedFunctions;
import dev.jlora.kernels.PackedRows;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * The first token of every sequence as a sequence of length one, [B, S, hidden] to [B, 1, hidden]:
 * the following layers are computed for that token only. Passes that request all tokens are not
 * changed.
 */
public record FirstTokenOnly() implements Layer {
  private static final Layer HERE = new FirstTokenOnly();

  public static Layer before(Layer layer) {
    return new Sequence(List.of(HERE, layer));
  }

  public static Layer after(Layer layer) {
    return new Sequence(List.of(layer, HERE));
  }

  public static Tensor of(Tensor x, ForwardContext pass) {
    if (pass.wantsAllTokens()) {
      return x;
    }
    PackedRows packed = pass.packed();
    return packed != null && x.size(0) == 1 && x.size(1) == packed.tokens()
        ? PackedFunctions.firstTokens(pass.tape(), x, packed)
        : Functions.slice(pass.tape(), x, 1, 0, 1);
  }

  @Override
  public boolean supportsUnpadded() {
    return true;
  }

  @Override
  public boolean readsFirstToken() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return FirstTokenOnly::of;
  }
}
