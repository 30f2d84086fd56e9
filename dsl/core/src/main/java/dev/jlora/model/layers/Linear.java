package dev.jlora.model.layers;

import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Multiplication;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * y = x W^T + b, from [..., in] to [..., out].
 *
 * @param transposed whether the weight is stored [in, out], like GPT-2's Conv1D, instead of [out,
 *     in]
 * @param init of the weight; biases start at zero
 */
public record Linear(long in, long out, boolean bias, boolean transposed, Init init)
    implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(
        ParameterSpec.weight("weight", transposed ? List.of(in, out) : List.of(out, in), init));
    if (bias) {
      specs.add(ParameterSpec.bias(out));
    }
    return specs;
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(path, TargetModule.Kind.LINEAR, in, out, bias, transposed);
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    Parameter weight = assembly.parameter("weight");
    Parameter bias = this.bias ? assembly.parameter("bias") : null;
    return assembly.adaptable(
        new AdaptableModule(
            target(assembly.path()), weight, bias, Multiplication.linear(transposed)));
  }
}
