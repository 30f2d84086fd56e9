package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalizes the last dimension, then scales it by a weight and shifts it by a bias: [..., width]
 * to [..., width].
 *
 * @param bias whether it has a bias
 */
public record LayerNorm(long width, double epsilon, boolean bias) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    ParameterSpec weight = ParameterSpec.norm("weight", width, Init.ONES);
    return bias ? List.of(weight, ParameterSpec.norm("bias", width, Init.ZEROS)) : List.of(weight);
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(path, TargetModule.Kind.NORM, width, width, bias, false);
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    return new Built(
        assembly.parameter("weight"), bias ? assembly.parameter("bias") : null, epsilon);
  }

  /** The built norm; {@link PostNorm} reads its weights to fuse it with the preceding sum. */
  record Built(Parameter weight, @Nullable Parameter bias, double epsilon) implements Module {
    @Override
    public Tensor forward(Tensor input, ForwardContext pass) {
      return Functions.layerNorm(
          pass.tape(), input, value(weight, input, pass), value(bias, input, pass), epsilon);
    }

    /** LayerNorm(residual + dropout(input)) as one function. */
    Tensor afterResidual(Tensor input, Tensor residual, double dropout, ForwardContext pass) {
      Tensor x = Precision.cast(pass, input, residual.dtype());
      return Functions.dropoutAddLayerNorm(
          pass.tape(),
          x,
          residual,
          value(weight, x, pass),
          value(bias, x, pass),
          epsilon,
          pass.dropout(dropout),
          pass.random());
    }

    /** A parameter in the precision of {@code x}; null for none. */
    private static @Nullable Tensor value(
        @Nullable Parameter parameter, Tensor x, ForwardContext pass) {
      return parameter == null ? null : Precision.cast(pass, pass.value(parameter), x.dtype());
    }
  }
}
