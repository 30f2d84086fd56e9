package dev.jlora.kernels;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA linear composed of operators over whole tensors: for any device and dtype. Products have
 * the dtype of the activations; the thin ones accumulate into the output of the frozen product, so
 * the sum needs no separate pass.
 */
record LoraProducts(DType dtype, Tensor a, Tensor b, @Nullable DropMask mask, double factor)
    implements LoraSide {
  @Override
  public Tensor middle(long n) {
    return Tensor.empty(dtype, a.device(), n, a.size(0));
  }

  @Override
  public Tensor forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor middle) {
    Tensor y = product(x, weight, bias);
    Products.addmmOut(middle, middle, dropped(x), Views.t(in(dtype, a)), 0, 1);
    Products.addmmOut(y, y, middle, Views.t(in(dtype, b)), 1, factor);
    return y;
  }

  @Override
  public Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor middle,
      @Nullable Tensor sum) {
    Tensor db = middle == null ? null : scaled(b.dtype(), Products.mm(Views.t(g), middle));
    if (x == null && weight == null) {
      return new Gradients(null, null, db);
    }
    Tensor gb = Products.mm(g, in(dtype, b));
    Tensor dx = weight == null ? null : product(g, Views.t(weight), null);
    if (dx != null) {
      addInputGradient(dx, gb, in(dtype, a));
    }
    Tensor da = x == null ? null : scaled(a.dtype(), Products.mm(Views.t(gb), dropped(x)));
    return new Gradients(dx, da, db);
  }

  private static Tensor product(Tensor x, Tensor weight, @Nullable Tensor bias) {
    try (var _ = Profiler.enter(Phase.GEMM)) {
      return Products.linear(x, weight, bias);
    }
  }

  /** dx += factor * mask * (gb A). */
  private void addInputGradient(Tensor dx, Tensor gb, Tensor adapter) {
    if (mask == null) {
      Products.addmmOut(dx, dx, gb, adapter, 1, factor);
    } else {
      mask.addTo(dx, Products.mm(gb, adapter), factor);
    }
  }

  private Tensor dropped(Tensor x) {
    return mask == null ? x : mask.times(x, 1);
  }

  /**
   * Casts a new product to the dtype of its master and scales it there, so that it is rounded once.
   */
  private Tensor scaled(DType dtype, Tensor product) {
    Tensor gradient = in(dtype, product);
    InPlace.mul(gradient, factor);
    return gradient;
  }

  private static Tensor in(DType dtype, Tensor tensor) {
    return tensor.dtype() == dtype ? tensor : Ops.to(tensor, dtype);
  }
}
