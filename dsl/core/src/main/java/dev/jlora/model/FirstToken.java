package dev.jlora.model;

import dev.jlora.autograd.Functions;

/** The first token of every sequence, [B, S, hidden] to [B, hidden]: BERT's [CLS]. */
public record FirstToken() implements Layer {
  @Override
  public boolean readsFirstToken() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return (x, pass) -> Functions.select(pass.tape(), x, 1, 0);
  }
}
