package dev.jlora.backend;

import dev.jlora.kernels.LoraSide;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/** LoRA linears by a {@link LoraSide}. */
final class ComposedLoraLinears implements LoraLinears {
  @Override
  public Output forward(Tensor x, Frozen layer, Adapter adapter) {
    LoraSide side = side(x, adapter);
    Tensor middle = side.middle(x.size(0));
    Tensor weight = upright(layer.weight(), layer.transposed());
    Tensor y = side.forward(x, weight, layer.bias(), middle);
    return new Output(y, middle, adapter.a(), adapter.b());
  }

  @Override
  public Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      boolean transposed,
      Adapter adapter,
      @Nullable Tensor middle) {
    return backward(g, x, weight, transposed, adapter, middle, null);
  }

  @Override
  public Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      boolean transposed,
      Adapter adapter,
      @Nullable Tensor middle,
      @Nullable Tensor sum) {
    Tensor carrier = weight == null ? null : upright(weight, transposed);
    LoraSide.Gradients found = side(g, adapter).backward(g, x, carrier, middle, sum);
    return new Gradients(found.x(), found.a(), found.b());
  }

  @Override
  public Tensor merged(Tensor weight, boolean transposed, Tensor a, Tensor b, double scale) {
    DType dtype = weight.dtype().wide();
    Tensor wide = upright(Ops.to(weight, dtype), transposed);
    Tensor sum = Products.addmm(wide, Ops.to(b, dtype), Ops.to(a, dtype), 1, scale);
    return Ops.contiguous(transposed ? Views.t(sum) : sum);
  }

  /** The weight as [out, in]. */
  private static Tensor upright(Tensor weight, boolean transposed) {
    return transposed ? Views.t(weight) : weight;
  }

  /**
   * Creates the same implementation for forward and backward, whose tensors have the same dtype,
   * device and rows.
   */
  private static LoraSide side(Tensor like, Adapter adapter) {
    return LoraSide.of(like, adapter.a(), adapter.b(), adapter.mask(), adapter.factor());
  }
}
