package dev.jlora.backend;

import dev.jlora.kernels.DropMask;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = x W^T + b + scale * dropout(x) A^T B^T over rows x [N, in], its gradients, and merging. W is
 * [out, in], or [in, out] if {@code transposed}; A is [r, in] and B [out, r].
 */
public interface LoraLinears {
  /**
   * The adapter.
   *
   * @param a [r, in], any floating dtype
   * @param b [out, r], any floating dtype
   * @param mask of the dropout on x, null for none
   */
  record Adapter(Tensor a, Tensor b, double scale, @Nullable DropMask mask) {
    /** The factor of the product: dropout only zeroes, so its scale is included. */
    public double factor() {
      return mask == null ? scale : scale * mask.scale();
    }
  }

  /** A frozen layer. */
  record Frozen(Tensor weight, @Nullable Tensor bias, boolean transposed) {}

  /**
   * Results of forward.
   *
   * @param y [N, out]
   * @param middle dropout(x) A^T without any factor [N, r], for backward
   * @param a as needed by backward
   * @param b as needed by backward
   */
  record Output(Tensor y, Tensor middle, Tensor a, Tensor b) {}

  /** The gradients, null if not wanted; those of A and B with any floating dtype. */
  record Gradients(@Nullable Tensor x, @Nullable Tensor a, @Nullable Tensor b) {}

  /** The layer's output. */
  Output forward(Tensor x, Frozen layer, Adapter adapter);

  /**
   * The gradients of x, A and B.
   *
   * @param g gradient of y [N, out]
   * @param x as in forward; null if the gradient of A is not wanted
   * @param weight as in forward; null if the gradient of x is not wanted
   * @param adapter with A and B as returned by forward
   * @param middle as returned by forward; null if the gradient of B is not wanted
   */
  Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      boolean transposed,
      Adapter adapter,
      @Nullable Tensor middle);

  /**
   * The gradients, given an existing gradient of x from other layers.
   *
   * @param sum [N, in], contiguous, or null: the gradient of x may be added to it in place, and
   *     this tensor returned instead of a new one
   */
  default Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      boolean transposed,
      Adapter adapter,
      @Nullable Tensor middle,
      @Nullable Tensor sum) {
    return backward(g, x, weight, transposed, adapter, middle);
  }

  /**
   * W + scale * B A in new memory, in FLOAT32 (FLOAT64 for such a W) and with the layout of W.
   *
   * @param weight with any floating dtype
   * @param a FLOAT32
   * @param b FLOAT32
   */
  Tensor merged(Tensor weight, boolean transposed, Tensor a, Tensor b, double scale);
}
