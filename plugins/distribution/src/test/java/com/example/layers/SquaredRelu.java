package com.example.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Init;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Multiplication;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** max(0, x W)^2 with a weight of its own, [in, out] (arXiv:2109.08668). */
record SquaredRelu(long in, long out) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(ParameterSpec.weight("weight", List.of(in, out), Init.normal(0.3)));
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(path, TargetModule.Kind.LINEAR, in, out, false, true);
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    AdaptableModule linear =
        assembly.adaptable(
            new AdaptableModule(
                target(assembly.path()),
                assembly.parameter("weight"),
                /* bias= */ null,
                Multiplication.linear(/* transposed= */ true)));
    return (x, pass) -> {
      Tensor positive = Functions.relu(pass.tape(), linear.forward(x, pass));
      return Functions.mul(pass.tape(), positive, positive);
    };
  }
}
