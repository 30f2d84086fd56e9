package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    return assembly.adaptable(
        new Built(
            target(assembly.path()), assembly.parameter("weight"), assembly.parameter("bias")));
  }

  /** The runnable convolution, with room for an adapter. */
  private static final class Built implements Adaptable {
    private final TargetModule target;
    private final Parameter weight;
    private final Parameter bias;
    private @Nullable AdapterLayer adapter;

    Built(TargetModule target, Parameter weight, Parameter bias) {
      this.target = target;
      this.weight = weight;
      this.bias = bias;
    }

    @Override
    public Tensor forward(Tensor input, Pass pass) {
      return adapter == null ? plain(input, pass) : adapter.forward(this, input, pass);
    }

    /** Computes in the weight's precision. */
    @Override
    public Tensor plain(Tensor input, Pass pass) {
      Tensor w = weight.value();
      DType dtype = w.dtype();
      return Functions.conv2d(
          pass.tape(),
          Precision.cast(pass, input, dtype),
          w,
          Precision.cast(pass, bias.value(), dtype),
          new long[] {target.stride(), target.stride()},
          new long[] {0, 0},
          1);
    }

    @Override
    public TargetModule target() {
      return target;
    }

    @Override
    public Parameter weight() {
      return weight;
    }

    @Override
    public Parameter bias() {
      return bias;
    }

    @Override
    public void adapt(@Nullable AdapterLayer adapter) {
      this.adapter = adapter;
    }

    @Override
    public @Nullable AdapterLayer adapter() {
      return adapter;
    }
  }
}
