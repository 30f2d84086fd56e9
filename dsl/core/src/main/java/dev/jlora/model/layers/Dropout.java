package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;

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
