package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.ops.NeuralOps;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Rows of weight [rows, n] at ids [...] (INT64), to [..., n]. Inputs: weight and ids.
 *
 * @param paddingIdx the row without a gradient, -1 for none
 */
record Embedding(long paddingIdx) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    context.save(inputs[1]);
    return NeuralOps.embedding(inputs[0], inputs[1]);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    long rows = context.shape(0)[0];
    Tensor dweight =
        Backend.of(g.device()).embedding().backward(g, context.saved(0), rows, paddingIdx);
    return new Tensor[] {dweight, null};
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.EMBEDDING;
  }

  @Override
  public String name() {
    return "embedding";
  }
}
