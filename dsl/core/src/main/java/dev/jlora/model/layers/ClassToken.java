package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Prepends a learned token to every sequence: [B, S, width] to [B, 1 + S, width]. {@link
 * FirstToken} extracts it.
 *
 * @param name of the parameter [1, 1, width]
 */
public record ClassToken(String name, long width, Init init) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(ParameterSpec.weight(name, List.of(1L, 1L, width), init));
  }

  @Override
  public Module build(Assembly assembly) {
    Parameter token = assembly.parameter(name);
    return (x, pass) -> {
      Tensor first = Precision.cast(pass, pass.value(token), x.dtype());
      Tensor each = Functions.expand(pass.tape(), first, x.size(0), 1, width);
      return Functions.cat(pass.tape(), 1, each, x);
    };
  }
}
