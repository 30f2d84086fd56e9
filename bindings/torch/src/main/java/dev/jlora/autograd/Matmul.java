package dev.jlora.autograd;

import dev.jlora.ops.Products;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** a b over [..., m, k] and [..., k, n]; the leading dimensions are broadcast. */
record Matmul() implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor a = inputs[0];
    Tensor b = inputs[1];
    if (a.rank() < 2 || b.rank() < 2 || a.size(-1) != b.size(-2)) {
      throw new IllegalArgumentException(
          "matmul: got shapes %s and %s, expected [..., m, k] and [..., k, n]"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
    }
    context.save(context.needs(1) ? a : null, context.needs(0) ? b : null);
    return Products.matmul(a, b);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    Tensor[] gradients = new Tensor[2];
    if (context.needs(0)) {
      Tensor product = Products.matmul(g, Views.transpose(context.saved(1), -2, -1));
      gradients[0] = Broadcast.reduce(product, context.shape(0));
    }
    if (context.needs(1)) {
      Tensor product = Products.matmul(Views.transpose(context.saved(0), -2, -1), g);
      gradients[1] = Broadcast.reduce(product, context.shape(1));
    }
    return gradients;
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
    return "matmul";
  }
}
