package dev.jlora.autograd;

import dev.jlora.ops.NeuralOps;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * 2-D convolution: x [n, in, h, w], weight [out, in / groups, kh, kw], bias [out] or null, to [n,
 * out, h', w'].
 */
record Convolution(long[] stride, long[] padding, long groups) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    context.save(inputs[0], inputs[1]);
    return NeuralOps.convolution(inputs[0], inputs[1], inputs[2], stride, padding, groups);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    boolean[] wanted = {context.needs(0), context.needs(1), context.needs(2)};
    return NeuralOps.convolutionBackward(
        g, context.saved(0), context.saved(1), wanted[2], stride, padding, groups, wanted);
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.GEMM;
  }

  @Override
  public String name() {
    return "conv2d";
  }
}
