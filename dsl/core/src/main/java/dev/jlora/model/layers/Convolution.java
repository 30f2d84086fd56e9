package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * A 2-D convolution without padding, from [B, in, h, w] to [B, out, h', w'].
 *
 * @param kernel its height and width
 * @param stride in both directions; equal to {@code kernel} it cuts an image into patches
 * @param init how the weight [out, in, kernel, kernel] starts when it is fresh; a fresh bias is
 *     zero
 */
public record Convolution(long in, long out, long kernel, long stride, Init init) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        new ParameterSpec("weight", List.of(out, in, kernel, kernel), init),
        new ParameterSpec("bias", List.of(out), Init.ZEROS));
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(
        path, TargetModule.Kind.CONVOLUTION, in, out, true, false, kernel, stride);
  }

  @Override
  public Module build(Assembly assembly) {
    Parameter weight = assembly.parameter("weight");
    Parameter bias = assembly.parameter("bias");
    return assembly.adaptable(
        new AdaptableModule(
            target(assembly.path()),
            weight,
            bias,
            (input, pass) -> forward(weight, bias, input, pass)));
  }

  /** Computes in the weight's precision. */
  private Tensor forward(Parameter weight, Parameter bias, Tensor input, ForwardContext pass) {
    Tensor w = weight.value();
    DType dtype = w.dtype();
    return Functions.conv2d(
        pass.tape(),
        Precision.cast(pass, input, dtype),
        w,
        Precision.cast(pass, bias.value(), dtype),
        new long[] {stride, stride},
        new long[] {0, 0},
        1);
  }
}
