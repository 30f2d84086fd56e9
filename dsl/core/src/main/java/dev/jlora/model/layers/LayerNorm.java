package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** Normalizes the last dimension, then scales and shifts it: [..., width] to [..., width]. */
public record LayerNorm(long width, double epsilon) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.norm("weight", width, Init.ONES),
        ParameterSpec.norm("bias", width, Init.ZEROS));
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return new Built(assembly.parameter("weight"), assembly.parameter("bias"), epsilon);
  }

  /** The built norm; {@link PostNorm} reads its weights to fuse it with the preceding sum. */
  record Built(Parameter weight, Parameter bias, double epsilon) implements Module {
    @Override
    public Tensor forward(Tensor input, ForwardContext pass) {
      return Functions.layerNorm(
          pass.tape(),
          input,
          Precision.cast(pass, pass.value(weight), input.dtype()),
          Precision.cast(pass, pass.value(bias), input.dtype()),
          epsilon);
    }

    /** LayerNorm(residual + dropout(input)) as one function. */
    Tensor afterResidual(Tensor input, Tensor residual, double dropout, ForwardContext pass) {
      Tensor x = Precision.cast(pass, input, residual.dtype());
      return Functions.dropoutAddLayerNorm(
          pass.tape(),
          x,
          residual,
          Precision.cast(pass, pass.value(weight), x.dtype()),
          Precision.cast(pass, pass.value(bias), x.dtype()),
          epsilon,
          pass.dropout(dropout),
          pass.random());
    }
  }
}
