package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * Scales the last dimension to a root mean square of 1, then by a weight: [..., width] to [...,
 * width]. Neither a mean is subtracted nor a bias added (arXiv:1910.07467). Statistics of 16-bit
 * input are computed in float32.
 */
public record RmsNorm(long width, double epsilon) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(ParameterSpec.norm("weight", width, Init.ONES));
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(path, TargetModule.Kind.NORM, width, width, false, false);
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    Parameter weight = assembly.parameter("weight");
    return (x, pass) ->
        Functions.rmsNorm(
            pass.tape(), x, Precision.cast(pass, pass.value(weight), x.dtype()), epsilon);
  }
}
