package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;

/** The first token of every sequence, [B, S, hidden] to [B, hidden]: BERT's [CLS]. */
public record FirstToken() implements Layer {
  @Override
  public boolean readsOnlyFirstToken() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return (x, pass) -> Functions.select(pass.tape(), x, 1, 0);
  }
}
