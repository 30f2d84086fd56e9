package dev.jlora.autograd;

import dev.jlora.ops.Indexing;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A copy of x [...] with src in place of the rows ids [n] (INT64, each once) of a dimension.
 * Inputs: x, src [... n ...] and ids.
 */
record IndexCopy(int dim) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    context.save(inputs[2]);
    return Indexing.indexCopy(inputs[0], dim, inputs[2], inputs[1]);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    Tensor ids = context.saved(0);
    Tensor[] gradients = new Tensor[3];
    if (context.needs(0)) {
      Tensor none = Tensor.zeros(g.dtype(), g.device(), context.shape(1));
      gradients[0] = Indexing.indexCopy(g, dim, ids, none);
    }
    if (context.needs(1)) {
      gradients[1] = Indexing.indexSelect(g, dim, ids);
    }
    return gradients;
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public String name() {
    return "index_copy";
  }
}
