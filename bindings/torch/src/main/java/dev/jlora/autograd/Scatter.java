package dev.jlora.autograd;

import dev.jlora.ops.Indexing;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * Elements of the last dimension placed at indices, zeros elsewhere: inputs [..., k] and the
 * indices [k] INT64, each at most once.
 *
 * @param size of the result's last dimension
 */
record Scatter(long size) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor values = inputs[0];
    Tensor ids = inputs[1];
    if (values.rank() == 0 || ids.rank() != 1 || values.size(-1) != ids.size(0)) {
      throw new IllegalArgumentException(
          "scatter: got %s at %s, expected values [..., k] and indices [k]"
              .formatted(values.describe(), ids.describe()));
    }
    context.save(ids);
    long[] shape = values.shape();
    Tensor everywhere = Views.expand(ids, shape);
    shape[shape.length - 1] = size;
    Tensor zeros = Tensor.zeros(values.dtype(), values.device(), shape);
    return Indexing.scatterAdd(zeros, -1, everywhere, values);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    return new Tensor[] {Indexing.indexSelect(g, -1, context.saved(0)), null};
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public String name() {
    return "scatter";
  }
}
