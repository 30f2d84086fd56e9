package dev.jlora.model.layers;

import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Multiplication;
import dev.jlora.model.runtime.TiedWeight;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * A linear whose weight belongs to another layer, from [..., in] to [..., out]: the decoder of a
 * language model on its word embeddings.
 *
 * @param weight the full name of the shared parameter, [out, in]
 * @param bias whether it has its own bias, at its path
 */
public record TiedLinear(String weight, long in, long out, boolean bias) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return bias ? List.of(ParameterSpec.bias(out)) : List.of();
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    TiedWeight tied = assembly.tied(weight);
    Parameter own = bias ? assembly.parameter("bias") : null;
    TargetModule target =
        new TargetModule(tied.module(), TargetModule.Kind.LINEAR, in, out, bias, false);
    return assembly.adaptable(
        new AdaptableModule(target, tied, own, Multiplication.linear(/* transposed= */ false)));
  }
}
