package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.Init;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Multiplication;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A 2-D convolution without padding, from [B, in, h, w] to [B, out, h', w'].
 *
 * @param kernel its height and width
 * @param stride in both directions; if equal to {@code kernel}, it splits an image into patches
 * @param init of the weight [out, in, kernel, kernel]; biases start at zero
 */
public record Convolution(long in, long out, long kernel, long stride, Init init) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(
        ParameterSpec.weight("weight", List.of(out, in, kernel, kernel), init),
        ParameterSpec.bias(out));
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
        new AdaptableModule(target(assembly.path()), weight, bias, new Product(stride)));
  }

  private record Product(long stride) implements Multiplication {
    @Override
    public Tensor product(
        FrozenWeight weight, @Nullable Tensor bias, Tensor x, ForwardContext pass) {
      return Functions.conv2d(
          pass.tape(),
          Precision.cast(pass, x, weight.dtype()),
          weight.dense(),
          bias,
          new long[] {stride, stride},
          new long[] {0, 0},
          1);
    }

    @Override
    public Tensor product(
        FrozenWeight weight,
        @Nullable Tensor bias,
        Tensor x,
        LowRankUpdate update,
        ForwardContext pass) {
      return add(product(weight, bias, x, pass), x, update, pass);
    }

    @Override
    public Tensor add(Tensor product, Tensor x, LowRankUpdate update, ForwardContext pass) {
      Tensor cast = Precision.cast(pass, x, product.dtype());
      return update.addConvolution(pass.tape(), pass.random(), product, cast, stride);
    }
  }
}
