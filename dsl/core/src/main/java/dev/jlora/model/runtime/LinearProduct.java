package dev.jlora.model.runtime;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
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
  public boolean addTo(Tensor product, Tensor x, LowRankUpdate update) {
    if (!product.contiguous()) {
      return false;
    }
    DType dtype = product.dtype();
    Tensor low = Products.linear(as(x, dtype), as(update.a(), dtype), null);
    Tensor rows = Views.reshape(low, -1, low.size(-1));
    Tensor sum = Views.view(product, rows.size(0), product.size(-1));
    Products.addmmOut(sum, sum, rows, Views.t(as(update.b(), dtype)), 1, update.scale());
    return true;
  }

  private static Tensor as(Tensor tensor, DType dtype) {
    return tensor.dtype() == dtype ? tensor : Ops.to(tensor, dtype);
  }

  @Override
  public Tensor add(Tensor product, Tensor x, LowRankUpdate update, ForwardContext pass) {
    return update.addLinear(
        pass.tape(), pass.random(), product, Precision.cast(pass, x, product.dtype()));
  }
}
