package dev.jlora.kernels;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * As operators, each over whole tensors: for any device and dtype. Products are in the dtype of the
 * activations; the thin ones add into the output of the frozen product, so the sum costs no pass.
 */
record LoraProducts(DType dtype, Tensor a, Tensor b, @Nullable DropMask mask, double factor)
    implements LoraSide {
  @Override
  public long chunkRows() {
    return Long.MAX_VALUE;
  }

  @Override
  public Tensor middle(long n) {
    return Tensor.empty(dtype, a.device(), n, a.size(0));
  }

  @Override
  public void forward(long first, Tensor x, Tensor base, Tensor y, Tensor middle) {
    Products.addmmOut(middle, middle, dropped(x), Views.t(in(dtype, a)), 0, 1);
    Products.addmmOut(y, base, middle, Views.t(in(dtype, b)), 1, factor);
  }

  @Override
  public Backward backward(boolean ofA, boolean ofB) {
    return new Whole(ofA, ofB);
  }

  private final class Whole implements Backward {
    private final boolean ofA;
    private final boolean ofB;
    private @Nullable Tensor da;
    private @Nullable Tensor db;

    Whole(boolean ofA, boolean ofB) {
      this.ofA = ofA;
      this.ofB = ofB;
    }

    @Override
    public void chunk(
        long first,
        Tensor g,
        @Nullable Tensor x,
        @Nullable Tensor middle,
        @Nullable Tensor base,
        @Nullable Tensor dx) {
      if (ofB) {
        db = scaled(b.dtype(), Products.mm(Views.t(g), middle));
      }
      if (!ofA && dx == null) {
        return;
      }
      Tensor gb = Products.mm(g, in(dtype, b));
      if (dx != null) {
        inputGradient(dx, base, gb, in(dtype, a));
      }
      if (ofA) {
        da = scaled(a.dtype(), Products.mm(Views.t(gb), dropped(x)));
      }
    }

    @Override
    public Gradients gradients() {
      return new Gradients(da, db);
    }
  }

  /** dx = base + factor * mask * (gb A). */
  private void inputGradient(Tensor dx, Tensor base, Tensor gb, Tensor adapter) {
    if (mask == null) {
      Products.addmmOut(dx, base, gb, adapter, 1, factor);
    } else {
      if (dx != base) {
        dx.copyFrom(base);
      }
      mask.addTo(dx, Products.mm(gb, adapter), factor);
    }
  }

  private Tensor dropped(Tensor x) {
    return mask == null ? x : mask.times(x, 1);
  }

  /** A fresh product in the dtype of its master, scaled there so that it is rounded once. */
  private Tensor scaled(DType dtype, Tensor product) {
    Tensor gradient = in(dtype, product);
    InPlace.mul(gradient, factor);
    return gradient;
  }

  private static Tensor in(DType dtype, Tensor tensor) {
    return tensor.dtype() == dtype ? tensor : Ops.to(tensor, dtype);
  }
}
