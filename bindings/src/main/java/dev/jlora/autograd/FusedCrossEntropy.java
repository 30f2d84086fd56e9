package dev.jlora.autograd;

import dev.jlora.kernels.CrossEntropyKernel;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@link Losses.CrossEntropy} over logits [n, K] and labels [n], by a kernel that needs no memory
 * but the gradient's. Saves the logits.
 */
record FusedCrossEntropy(CrossEntropyKernel kernel) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor logits = inputs[0];
    long[] labels = inputs[1].toLongs();
    Tensor kept = CrossEntropyKernel.kept(labels.length);
    double sum = kernel.losses(logits, labels, kept);
    context.save(logits, inputs[1], kept);
    return Tensor.scalar(sum / kernel.counted(labels), DType.FLOAT32);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    Tensor logits = context.saved(0);
    long[] labels = context.saved(1).toLongs();
    Tensor gradient = Tensor.emptyLike(logits);
    kernel.gradient(logits, labels, context.saved(2), g.item() / kernel.counted(labels), gradient);
    return new Tensor[] {gradient, null};
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.LOSS;
  }

  @Override
  public String name() {
    return "crossEntropy";
  }
}
