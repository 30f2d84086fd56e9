package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.tensor.Tensor;

/**
 * The first token of every sequence as a sequence of one, [B, S, hidden] to [B, 1, hidden]: what
 * lies behind it is computed for that token alone. In a pass that wants all tokens it passes
 * everything on.
 */
record FirstTokenOnly() implements Layer {
  private static final Layer HERE = new FirstTokenOnly();

  static Layer before(Layer layer) {
    return Layers.sequence(HERE, layer);
  }

  static Layer after(Layer layer) {
    return Layers.sequence(layer, HERE);
  }

  static Tensor of(Tensor x, Pass pass) {
    return pass.wantsAllTokens() ? x : Functions.slice(pass.tape(), x, 1, 0, 1);
  }

  @Override
  public Module build(Assembly assembly) {
    return FirstTokenOnly::of;
  }
}
