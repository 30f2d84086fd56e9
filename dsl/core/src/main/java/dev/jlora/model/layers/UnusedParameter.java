package dev.jlora.model.layers;

import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * A parameter that a transformers class has but never uses. It is loaded, counted and saved like
 * any other, so that checkpoints stay complete; it gets no gradient. Passes its input on.
 */
public record UnusedParameter(ParameterSpec parameter) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(parameter);
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return (x, _) -> x;
  }
}
