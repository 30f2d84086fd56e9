package dev.jlora.model;

import dev.jlora.autograd.Functions;

/**
 * Zeroes elements with probability {@code p} in training and scales the rest; identity otherwise.
 */
public record Dropout(double p) implements Layer {
  public Dropout {
    if (!(p >= 0 && p < 1)) {
      throw new ModelException("dropout: got %s, expected 0 or more and less than 1".formatted(p));
    }
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return (x, pass) ->
        pass.dropout(p) > 0 ? Functions.dropout(pass.tape(), x, p, pass.random()) : x;
  }
}
