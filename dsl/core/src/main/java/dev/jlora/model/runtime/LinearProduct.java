package dev.jlora.model.runtime;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * x W^T + b in the weight's dtype.
 *
 * @param transposed whether the weight is stored [in, out] instead of [out, in]
 */
record LinearProduct(boolean transposed) implements Multiplication {
  @Override
  public Tensor product(FrozenWeight weight, @Nullable Tensor bias, Tensor x, ForwardContext pass) {
    Tensor cast = Precision.cast(pass, x, weight.dtype());
    return weight.linear(pass.tape(), cast, bias, transposed);
  }

  @Override
  public Tensor product(
      FrozenWeight weight,
      @Nullable Tensor bias,
      Tensor x,
      LowRankUpdate update,
      ForwardContext pass) {
    Tensor cast = Precision.cast(pass, x, weight.dtype());
    return weight.linear(pass.tape(), cast, bias, transposed, update, pass.random());
  }

  @Override
  public Tensor add(Tensor product, Tensor x, LowRankUpdate update, ForwardContext pass) {
    return update.addLinear(
        pass.tape(), pass.random(), product, Precision.cast(pass, x, product.dtype()));
  }
}
